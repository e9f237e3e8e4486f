using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>Inception-ResNet-v2 (Szegedy et al. 2017). Follows timm's <c>inception_resnet_v2.py</c>.</summary>
public static class InceptionResNetV2
{
    /// <summary>Empty configuration, because there is only one architecture.</summary>
    public sealed record Config;

    // Smallest side that leaves a pixel after the last reduction.
    private const int SmallestInput = 75;

    private const double Epsilon = 1e-3;

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("InceptionResNetV2", [("inception_resnet_v2", new())], Declare) with { Order = 18 };

    // Follows timm's group_matcher, module by module.
    private static readonly LayerGroups GroupRules = LayerGroups.InOrder(
        "conv2d_[12]", "conv2d_[34]", "mixed_5b", @"repeat\.(\d+)", "mixed_6a", @"repeat_1\.(\d+)", "mixed_7a", @"repeat_2\.(\d+)", "block8|conv2d_7");

    /// <summary>Declares the architecture.</summary>
    /// <exception cref="RefusalException">The input is smaller than 75 pixels, or drop path is requested, which timm's network does not support.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        options.CheckNoDropPath(name);
        var size = options.InputSize ?? 299;
        if (size < SmallestInput)
        {
            throw new RefusalException($"{name} was requested with input size {size}; it must be at least {SmallestInput} pixels.");
        }

        var root = ParameterScope.Root();
        var parts = new List<Layer>
        {
            Conv(root["conv2d_1a"], 3, 32, 3, 2),
            Conv(root["conv2d_2a"], 32, 32, 3),
            Conv(root["conv2d_2b"], 32, 64, 3, padding: 1),
            Halve,
            Conv(root["conv2d_3b"], 64, 80, 1),
            Conv(root["conv2d_4a"], 80, 192, 3),
            Halve,
            DeclareMixed5B(root["mixed_5b"]),
        };
        for (var i = 0; i < 10; i++)
        {
            parts.Add(DeclareBlock35(root["repeat"][i]));
        }

        parts.Add(DeclareMixed6A(root["mixed_6a"]));
        for (var i = 0; i < 20; i++)
        {
            parts.Add(DeclareBlock17(root["repeat_1"][i]));
        }

        parts.Add(DeclareMixed7A(root["mixed_7a"]));
        for (var i = 0; i < 9; i++)
        {
            parts.Add(DeclareBlock8(root["repeat_2"][i], 0.2, Nn.ReluInPlace));
        }

        parts.Add(DeclareBlock8(root["block8"], 1, null));
        parts.Add(Conv(root["conv2d_7b"], 2080, 1536, 1));
        var classifier = Nn.Classifier(root["classif"], 1536, options.Classes);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = Preprocessing.Inception with { CropPct = 0.8975 },
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential(parts),
            Head = Nn.Sequential(Nn.GlobalAveragePool, Nn.Dropout("classif", options.Dropout), classifier),
            Classifier = "classif",
            FirstConvolution = "conv2d_1a.conv",
        };
    }

    private static Layer Halve { get; } = (_, x) => x.MaxPool2d(3, 2);

    private static Layer DeclareMixed5B(ParameterScope scope) => Branches(
        Conv(scope["branch0"], 192, 96, 1),
        Nn.Sequential(
            Conv(scope["branch1"][0], 192, 48, 1),
            Conv(scope["branch1"][1], 48, 64, 5, padding: 2)),
        Nn.Sequential(
            Conv(scope["branch2"][0], 192, 64, 1),
            Conv(scope["branch2"][1], 64, 96, 3, padding: 1),
            Conv(scope["branch2"][2], 96, 96, 3, padding: 1)),
        Nn.Sequential(
            (_, x) => x.AveragePool2d(3, 1, padding: 1),
            Conv(scope["branch3"][1], 192, 64, 1)));

    private static Layer DeclareBlock35(ParameterScope scope)
    {
        var branches = Branches(
            Conv(scope["branch0"], 320, 32, 1),
            Nn.Sequential(
                Conv(scope["branch1"][0], 320, 32, 1),
                Conv(scope["branch1"][1], 32, 32, 3, padding: 1)),
            Nn.Sequential(
                Conv(scope["branch2"][0], 320, 32, 1),
                Conv(scope["branch2"][1], 32, 48, 3, padding: 1),
                Conv(scope["branch2"][2], 48, 64, 3, padding: 1)));
        return Residual(scope, branches, 128, 320, 0.17, Nn.ReluInPlace);
    }

    private static Layer DeclareMixed6A(ParameterScope scope) => Branches(
        Conv(scope["branch0"], 320, 384, 3, 2),
        Nn.Sequential(
            Conv(scope["branch1"][0], 320, 256, 1),
            Conv(scope["branch1"][1], 256, 256, 3, padding: 1),
            Conv(scope["branch1"][2], 256, 384, 3, 2)),
        Halve);

    private static Layer DeclareBlock17(ParameterScope scope)
    {
        var branches = Branches(
            Conv(scope["branch0"], 1088, 192, 1),
            Nn.Sequential(
                Conv(scope["branch1"][0], 1088, 128, 1),
                Line(scope["branch1"][1], 128, 160, 1, 7),
                Line(scope["branch1"][2], 160, 192, 7, 1)));
        return Residual(scope, branches, 384, 1088, 0.1, Nn.ReluInPlace);
    }

    private static Layer DeclareMixed7A(ParameterScope scope) => Branches(
        Nn.Sequential(
            Conv(scope["branch0"][0], 1088, 256, 1),
            Conv(scope["branch0"][1], 256, 384, 3, 2)),
        Nn.Sequential(
            Conv(scope["branch1"][0], 1088, 256, 1),
            Conv(scope["branch1"][1], 256, 288, 3, 2)),
        Nn.Sequential(
            Conv(scope["branch2"][0], 1088, 256, 1),
            Conv(scope["branch2"][1], 256, 288, 3, padding: 1),
            Conv(scope["branch2"][2], 288, 320, 3, 2)),
        Halve);

    private static Layer DeclareBlock8(ParameterScope scope, double scale, Layer? activation)
    {
        var branches = Branches(
            Conv(scope["branch0"], 2080, 192, 1),
            Nn.Sequential(
                Conv(scope["branch1"][0], 2080, 192, 1),
                Line(scope["branch1"][1], 192, 224, 1, 3),
                Line(scope["branch1"][2], 224, 256, 3, 1)));
        return Residual(scope, branches, 448, 2080, scale, activation);
    }

    /// <summary>Concatenates the outputs of all branches along the channels.</summary>
    private static Layer Branches(params Layer[] layers) => Nn.Tidy((pass, x) => Value.Concatenate([.. layers.Select(layer => layer(pass, x))], 1));

    /// <summary>Declares the residual sum x + scale × a projection of the branches to the channels of x.</summary>
    private static Layer Residual(ParameterScope scope, Layer branches, long inner, long channels, double scale, Layer? activation)
    {
        var back = Nn.Conv2d(scope["conv2d"], inner, channels, new() { Bias = true });
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var sum = x.AddScaled(back(pass, branches(pass, x)), scale);
            return activation is null ? sum : activation(pass, sum);
        }));
    }

    private static Layer Conv(ParameterScope scope, long inChannels, long outChannels, int kernel, int stride = 1, int padding = 0) =>
        Nn.ConvNorm(scope, inChannels, outChannels, Options(new() { Kernel = kernel, Stride = stride, Padding = padding }));

    /// <summary>Declares a convolution along a row or a column, which keeps the size.</summary>
    private static Layer Line(ParameterScope scope, long inChannels, long outChannels, int height, int width) =>
        Nn.ConvNorm(scope, inChannels, outChannels, Options(new() { Kernel = height, KernelWidth = width }));

    private static ConvNormOptions Options(Conv2dOptions convolution) =>
        new() { Convolution = convolution, HeFanOut = false, Norm = new() { Epsilon = Epsilon }, Activation = Nn.ReluInPlace };
}

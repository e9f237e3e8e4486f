using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning;

/// <summary>Small networks and batches that they can learn, made of the real parts, for tests that take a few seconds.</summary>
internal static class SmallModels
{
    public const int Side = 32;
    public const int Classes = 3;

    public static Architecture Network(string name = "resnet18", int classes = Classes)
    {
        return Zoo.Build(name, new ModelOptions { Classes = classes, InputSize = Side });
    }

    /// <summary>Creates two linear layers: quick to train, and large enough for several blocks of the optimizer.</summary>
    public static Architecture Perceptron()
    {
        var root = ParameterScope.Root();
        var hidden = Nn.Linear(root["hidden"], 3 * Side * Side, 64);
        var classifier = Nn.Linear(root["fc"], 64, Classes);
        return new Architecture
        {
            Name = "perceptron",
            Options = new ModelOptions { Classes = Classes },
            InputSize = Side,
            Preprocessing = Preprocessing.ImageNet,
            Tensors = root.ToTensors(LayerGroups.InOrder("hidden")),
            Features = (pass, x) => hidden(pass, x.Flatten(1)).Relu(),
            Head = classifier,
            Classifier = "fc",
            FirstConvolution = "hidden",
        };
    }

    /// <summary>Creates two convolutions and a linear layer without batch norm, so that the result of an image does not depend on its batch.</summary>
    public static Architecture Convolution()
    {
        var root = ParameterScope.Root();
        var first = Nn.Conv2d(root["stem"], 3, 12, new Conv2dOptions { Kernel = 3, Stride = 2, Bias = true });
        var second = Nn.Conv2d(root["body"], 12, 20, new Conv2dOptions { Kernel = 3, Stride = 2, Bias = true });
        var classifier = Nn.Linear(root["fc"], 20, Classes);
        return new Architecture
        {
            Name = "convolution",
            Options = new ModelOptions { Classes = Classes },
            InputSize = Side,
            Preprocessing = Preprocessing.ImageNet,
            Tensors = root.ToTensors(LayerGroups.InOrder("stem", "body")),
            Features = (pass, x) => second(pass, first(pass, x).Relu()).Relu(),
            Head = (pass, x) => classifier(pass, x.Mean([2, 3])),
            Classifier = "fc",
            FirstConvolution = "stem",
        };
    }

    public static FlatModel Model(Architecture architecture, bool channelsLast = true, bool learns = true, long seed = 1)
    {
        using var weights = ModelWeights.Fresh(architecture, seed);
        return FlatModel.Create(architecture, weights.Tensors, torch.CPU, channelsLast, learns);
    }

    public static Learner Learner(ComputePrecision precision = ComputePrecision.Float32, Architecture? of = null)
    {
        var architecture = of ?? Network();
        return new Learner(
            new LearnerOptions { Precision = precision }, Model(architecture), architecture.Preprocessing);
    }

    /// <summary>Creates images whose class is the number of the dark third of the picture.</summary>
    public static PixelBatch Batch(int count, long seed = 1, int channels = 1)
    {
        var images = new List<Pixels>();
        for (var i = 0; i < count; i++)
        {
            var chance = KeyedRandom.For(seed, 0, i, "small batch");
            var target = i % Classes;
            var pixels = Pixels.Rent(new Sample(i, $"{i}.png", $"{i}.png", target), Side, Side, channels);
            for (var at = 0; at < pixels.Length; at++)
            {
                var row = at / channels / Side;
                pixels.Bytes[at] = (byte)(chance.NextInteger(0, 60) + (row * Classes / Side == target ? 0 : 190));
            }

            images.Add(pixels);
        }

        var batch = PixelBatch.Stack(images);
        images.ForEach(i => i.Dispose());
        return batch;
    }

    /// <summary>Trains a number of steps on one batch and returns their losses.</summary>
    public static double[] Losses(Learner learner, PixelBatch batch, int steps, double rate = 1e-3) =>
        [.. Enumerable.Range(0, steps).Select(_ => learner.Step(batch, rate).Loss)];

    public static float[] Values(torch.Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}

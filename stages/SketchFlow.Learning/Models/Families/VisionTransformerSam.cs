using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// The image encoders of Segment Anything (Kirillov et al. 2023): vision transformers most of whose blocks attend within windows, some over
/// the whole image (Li et al. 2022, ViTDet), as timm's <c>vision_transformer_sam.py</c> has them.
/// </summary>
public static class VisionTransformerSam
{
    /// <summary>What makes one.</summary>
    public sealed record Config
    {
        /// <summary>Side of a patch in pixels.</summary>
        public int Patch { get; init; } = 16;

        /// <summary>Channels of a token.</summary>
        public required int Width { get; init; }

        /// <summary>Number of blocks.</summary>
        public int Depth { get; init; } = 12;

        /// <summary>Heads of the attention.</summary>
        public required int Heads { get; init; }

        /// <summary>Numbers of the blocks, from 0, that attend over the whole image.</summary>
        public required ImmutableArray<int> Global { get; init; }

        /// <summary>Side of a window in tokens; windows that reach beyond the image are filled up with zeros, which attention sees.</summary>
        public int Window { get; init; } = 14;

        /// <summary>Whether there is a position embedding.</summary>
        public bool Positions { get; init; } = true;

        /// <summary>Channels of the two convolutions behind the last block; 0 has a normalisation alone there.</summary>
        public int Neck { get; init; } = 256;

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 1024;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 1 };
    }

    private const int MlpRatio = 4;

    // PyTorch's own in the blocks, timm's in the neck.
    private const double Epsilon = 1e-5;
    private const double NeckEpsilon = 1e-6;

    private static readonly Config Base = new() { Width = 768, Heads = 12, Global = [2, 5, 8, 11] };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("VisionTransformerSam",
    [
        ("samvit_base_patch16", Base),
        ("samvit_large_patch16", new() { Width = 1024, Heads = 16, Depth = 24, Global = [5, 11, 17, 23] }),
        ("samvit_huge_patch16", new() { Width = 1280, Heads = 16, Depth = 32, Global = [7, 15, 23, 31] }),
        ("samvit_base_patch16_224", Base with
        {
            Positions = false,
            Neck = 0,
            InputSize = 224,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 },
        }),
    ], Declare);

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>; its features are (N, C, H, W).</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, config.Patch);
        var root = ParameterScope.Root();
        var side = size / config.Patch;
        var parts = new List<Layer> { DeclareEmbedding(root, config, size) };
        for (var block = 0; block < config.Depth; block++)
        {
            var window = config.Global.Contains(block) ? side : config.Window;
            parts.Add(DeclareBlock(root["blocks"][block], config, side, window, Nn.DropPathAt(block, config.Depth, options.DropPath)));
        }

        parts.Add((_, x) => Nn.ChannelsToFront(x));
        parts.Add(DeclareNeck(root["neck"], config));
        var head = Nn.PooledHead(root["head"], config.Neck == 0 ? config.Width : config.Neck, options);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(VisionTransformer.GroupRules),
            Features = Nn.Sequence(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>Images to tokens (N, H, W, C).</summary>
    private static Layer DeclareEmbedding(ParameterScope root, Config config, int size)
    {
        long side = size / config.Patch;
        TensorSlot? positions = config.Positions
            ? root.Parameter("pos_embed", [1, side, side, config.Width], Initializer.Zeros, decays: false, new PositionGrid(0))
            : null;
        var patches = Nn.Conv2d(root["patch_embed"]["proj"], 3, config.Width, new() { Kernel = config.Patch, Stride = config.Patch, Padding = 0, Bias = true });
        return Nn.Tidy((pass, images) =>
        {
            VisionTransformer.CheckImages(images, size);
            var tokens = Nn.ChannelsToEnd(patches(pass, images));
            return pass[positions] is { } added ? tokens + added : tokens;
        });
    }

    private static Layer DeclareBlock(ParameterScope scope, Config config, int side, int window, double dropPath)
    {
        long width = config.Width;
        var norm1 = Nn.LayerNorm(scope["norm1"], width, Epsilon);
        var inner = scope["attn"];
        var bias = Nn.DecomposedBias(inner, width / config.Heads, window);
        var attention = Nn.Attention(inner, width, new() { Heads = config.Heads, Matrices = new(), Bias = _ => bias });

        // timm drops windows, each by itself, not images.
        var branch1 = Nn.Sequence(norm1, Nn.Windowed(Nn.Sequence(attention, Nn.DropPath($"{scope.Path}.1", dropPath)), side, window));
        var branch2 = Nn.Sequence(
            Nn.LayerNorm(scope["norm2"], width, Epsilon), Nn.Mlp(scope["mlp"], width, MlpRatio * width, Nn.Gelu, new()));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath);
        return Nn.Checkpointed(Nn.Tidy((pass, x) =>
        {
            var attended = x + branch1(pass, x);
            return add2(pass, attended, branch2(pass, attended));
        }));
    }

    private static Layer DeclareNeck(ParameterScope scope, Config config) => config.Neck == 0
        ? Nn.LayerNorm2d(scope, config.Width, NeckEpsilon)
        : Nn.Sequence(
            Nn.Conv2d(scope[0], config.Width, config.Neck, new() { Kernel = 1 }),
            Nn.LayerNorm2d(scope[1], config.Neck, NeckEpsilon),
            Nn.Conv2d(scope[2], config.Neck, config.Neck, new() { Kernel = 3 }),
            Nn.LayerNorm2d(scope[3], config.Neck, NeckEpsilon));
}

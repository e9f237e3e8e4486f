using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Image encoders of Segment Anything (Kirillov et al. 2023): vision transformers with window attention in most blocks and attention over the
/// whole image in some (Li et al. 2022, ViTDet). Follows timm's <c>vision_transformer_sam.py</c>.
/// </summary>
public static class VisionTransformerSam
{
    /// <summary>Configuration of one architecture.</summary>
    public sealed record Config
    {
        /// <summary>Side of a patch in pixels.</summary>
        public int Patch { get; init; } = 16;

        /// <summary>Number of channels per token.</summary>
        public required int Width { get; init; }

        /// <summary>Number of blocks.</summary>
        public int Depth { get; init; } = 12;

        /// <summary>Number of attention heads.</summary>
        public required int Heads { get; init; }

        /// <summary>Indices, from 0, of the blocks with attention over the whole image.</summary>
        public required ImmutableArray<int> GlobalBlocks { get; init; }

        /// <summary>Side of a window in tokens; windows beyond the border are padded with zeros, which take part in attention.</summary>
        public int Window { get; init; } = 14;

        /// <summary>Whether there is a position embedding.</summary>
        public bool PositionEmbedding { get; init; } = true;

        /// <summary>Number of channels of the two convolutions after the last block; 0 has only a normalisation there.</summary>
        public int NeckChannels { get; init; } = 256;

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 1024;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.ImageNet with { CropPct = 1 };
    }

    private const int MlpRatio = 4;

    // The blocks use PyTorch's epsilon, the neck timm's.
    private const double Epsilon = 1e-5;
    private const double NeckEpsilon = 1e-6;

    private static readonly Config Base = new() { Width = 768, Heads = 12, GlobalBlocks = [2, 5, 8, 11] };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("VisionTransformerSam",
    [
        ("samvit_base_patch16", Base),
        ("samvit_large_patch16", new() { Width = 1024, Heads = 16, Depth = 24, GlobalBlocks = [5, 11, 17, 23] }),
        ("samvit_huge_patch16", new() { Width = 1280, Heads = 16, Depth = 32, GlobalBlocks = [7, 15, 23, 31] }),
        ("samvit_base_patch16_224", Base with
        {
            PositionEmbedding = false,
            NeckChannels = 0,
            InputSize = 224,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 },
        }),
    ], Declare) with
    { Order = 11 };

    /// <summary>Declares the architecture of a configuration; its features are (N, C, H, W).</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: config.Patch);
        var root = ParameterScope.Root();
        var side = size / config.Patch;
        var parts = new List<Layer> { DeclareEmbedding(root, config, size) };
        for (var block = 0; block < config.Depth; block++)
        {
            var window = config.GlobalBlocks.Contains(block) ? side : config.Window;
            parts.Add(DeclareBlock(root["blocks"][block], config, side, window, Nn.DropPathAt(block, config.Depth, options.DropPath)));
        }

        parts.Add((_, x) => Nn.ChannelsToFront(x));
        parts.Add(DeclareNeck(root["neck"], config));
        var head = Nn.PooledHead(root["head"], config.NeckChannels == 0 ? config.Width : config.NeckChannels, options);
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(VisionTransformer.GroupRules),
            Features = Nn.Sequential(parts),
            Head = head,
            Classifier = "head.fc",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>Declares the embedding of images as tokens (N, H, W, C).</summary>
    private static Layer DeclareEmbedding(ParameterScope root, Config config, int size)
    {
        long side = size / config.Patch;
        TensorSlot? positions = config.PositionEmbedding
            ? root.Parameter("pos_embed", [1, side, side, config.Width], Initializer.Zeros, new() { Decays = false, PositionGrid = new(0) })
            : null;
        var patches = Nn.Conv2d(
            root["patch_embed"]["proj"], 3, config.Width, new() { Kernel = config.Patch, Stride = config.Patch, Padding = 0, Bias = true });
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
        var attention = Nn.Attention(inner, width, new() { Heads = config.Heads, Linear = new(), Bias = _ => bias });

        // timm drops single windows here, not whole images.
        var branch1 = Nn.Sequential(norm1, Nn.Windowed(Nn.Sequential(attention, Nn.DropPath($"{scope.Path}.1", dropPath)), side, window));
        var branch2 = Nn.Sequential(
            Nn.LayerNorm(scope["norm2"], width, Epsilon), Nn.Mlp(scope["mlp"], width, MlpRatio * width, new() { Linear = new() }));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath);
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var attended = x + branch1(pass, x);
            return add2(pass, attended, branch2(pass, attended));
        }));
    }

    private static Layer DeclareNeck(ParameterScope scope, Config config) => config.NeckChannels == 0
        ? Nn.LayerNorm2d(scope, config.Width, NeckEpsilon)
        : Nn.Sequential(
            Nn.Conv2d(scope[0], config.Width, config.NeckChannels, new() { Kernel = 1 }),
            Nn.LayerNorm2d(scope[1], config.NeckChannels, NeckEpsilon),
            Nn.Conv2d(scope[2], config.NeckChannels, config.NeckChannels, new() { Kernel = 3 }),
            Nn.LayerNorm2d(scope[3], config.NeckChannels, NeckEpsilon));
}

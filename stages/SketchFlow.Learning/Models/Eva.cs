using SketchFlow.Samples;

namespace SketchFlow.Learning.Models;

/// <summary>EVA, EVA-02 and the image towers of EVA-CLIP (Fang et al. 2023, 2024; Sun et al. 2023), as timm's <c>eva.py</c> has them.</summary>
public static class Eva
{
    /// <summary>What makes an EVA.</summary>
    public sealed record Config
    {
        /// <summary>Side of a patch in pixels.</summary>
        public int Patch { get; init; } = 14;

        /// <summary>Channels of a token.</summary>
        public required int Width { get; init; }

        /// <summary>Number of blocks.</summary>
        public int Depth { get; init; } = 12;

        /// <summary>Heads of the attention.</summary>
        public required int Heads { get; init; }

        /// <summary>Hidden features of a block's MLP over the width.</summary>
        public required double MlpRatio { get; init; }

        /// <summary>EVA-02: gated MLPs and rotary position embedding.</summary>
        public bool Version2 { get; init; }

        /// <summary>EVA-02 from base on: a matrix each for queries, keys, values, gate and value, and a normalisation inside the MLP.</summary>
        public bool Split { get; init; }

        /// <summary>A normalisation inside the attention also (EVA-02-CLIP).</summary>
        public bool InnerNorm { get; init; }

        /// <summary>Normalisations behind attention and MLP instead of before them (EVA-02-CLIP enormous).</summary>
        public bool PostNorm { get; init; }

        /// <summary>The class token is the answer, not the mean over the patches.</summary>
        public bool ClassToken { get; init; }

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Clip with { CropPct = 0.9 };
    }

    private const double Epsilon = 1e-6;

    // Patches along a side in pre-training.
    private const int Reference = 16;

    private const double HeadScale = 0.001;

    private static readonly Config Giant = new() { Width = 1408, Depth = 40, Heads = 16, MlpRatio = 6144.0 / 1408 };
    private static readonly Config Tiny = new() { Width = 192, Heads = 3, MlpRatio = 4.0 * 2 / 3, Version2 = true };
    private static readonly Config Small = Tiny with { Width = 384, Heads = 6 };
    private static readonly Config Base = Tiny with { Width = 768, Heads = 12, Split = true };
    private static readonly Config Large = Base with { Width = 1024, Heads = 16, Depth = 24 };
    private static readonly Preprocessing Squash = Preprocessing.Clip with { CropMode = "squash" };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Of<Config>("Eva",
    [
        ("eva_giant_patch14_224", Giant),
        ("eva_giant_patch14_336", Giant with { InputSize = 336, Preprocessing = Squash }),
        ("eva_giant_patch14_560", Giant with { InputSize = 560, Preprocessing = Preprocessing.ImageNet with { CropPct = 1, CropMode = "squash" } }),
        ("eva02_tiny_patch14_224", Tiny),
        ("eva02_small_patch14_224", Small),
        ("eva02_base_patch14_224", Base),
        ("eva02_large_patch14_224", Large),
        ("eva02_tiny_patch14_336", Tiny with { InputSize = 336, Preprocessing = Preprocessing.Clip }),
        ("eva02_small_patch14_336", Small with { InputSize = 336, Preprocessing = Preprocessing.Clip }),
        ("eva02_base_patch14_448", Base with { InputSize = 448, Preprocessing = Squash }),
        ("eva02_large_patch14_448", Large with { InputSize = 448, Preprocessing = Squash }),
        ("eva_giant_patch14_clip_224", Giant with { ClassToken = true }),
        ("eva02_base_patch16_clip_224", Base with { Patch = 16, InnerNorm = true, ClassToken = true }),
        ("eva02_large_patch14_clip_224", Large with { InnerNorm = true, ClassToken = true }),
        ("eva02_large_patch14_clip_336", Large with { InnerNorm = true, ClassToken = true, InputSize = 336, Preprocessing = Preprocessing.Clip }),
        ("eva02_enormous_patch14_clip_224", new() { Width = 1792, Depth = 64, Heads = 16, MlpRatio = 15360.0 / 1792, PostNorm = true, ClassToken = true }),
    ], Declare);

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, config.Patch);
        var root = Scope.Root();
        var (width, side) = ((long)config.Width, size / config.Patch);
        var small = new Start.TruncatedNormal(0.02);
        var embed = VisionTransformer.DeclareEmbedding(root, new()
        {
            Width = config.Width,
            Heads = config.Heads,
            Patch = config.Patch,
            TokenStart = small,
        }, size);
        var rotation = config.Version2 ? Layers.Rotation(side, Reference, config.Width / config.Heads, prefix: 1) : null;
        var blocks = Enumerable.Range(0, config.Depth).Select(block => DeclareBlock(
            root["blocks"][block].InGroup(block + 1), config, block, rotation, Layers.DropPathAt(block, config.Depth, options.DropPath))).ToList();
        var last = root.InGroup(config.Depth + 1);
        var norm = Layers.LayerNorm(last[config.ClassToken ? "norm" : "fc_norm"], width, Epsilon);
        var classifier = Layers.Classifier(last["head"], width, options.Classes, new()
        {
            Start = new Start.TruncatedNormal(0.02 * HeadScale),
            BiasStart = Start.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(),
            Features = Layers.Sequence([embed, .. blocks, config.ClassToken ? norm : null]),
            Head = Layers.Sequence(
                config.ClassToken ? (_, tokens) => tokens.select(1, 0) : VisionTransformer.MeanOverPatches(1),
                config.ClassToken ? null : norm,
                Layers.Dropout("head", options.Dropout),
                classifier),
            Classifier = "head",
            FirstConvolution = "patch_embed.proj",
        };
    }

    private static Layer DeclareBlock(Scope scope, Config config, int block, Func<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>? rotation, double dropPath)
    {
        long width = config.Width;
        var hidden = (long)(width * config.MlpRatio);

        // Deeper blocks start with smaller answers.
        var last = new Start.TruncatedNormal(0.02 / Math.Sqrt(2.0 * (block + 1)));
        var attentionOptions = new EvaAttentionOptions
        {
            Heads = config.Heads,
            Fused = !config.Split,
            InnerNorm = config.InnerNorm,
            Rotation = rotation,
            Epsilon = Epsilon,
            ProjectionStart = last,
        };
        var add1 = Layers.Residual($"{scope.Path}.1", dropPath);
        var add2 = Layers.Residual($"{scope.Path}.2", dropPath);
        if (config.PostNorm)
        {
            var behind1 = Layers.Sequence(Layers.EvaAttention(scope["attn"], width, attentionOptions), Layers.LayerNorm(scope["norm1"], width, Epsilon));
            var behind2 = Layers.Sequence(Mlp(), Layers.LayerNorm(scope["norm2"], width, Epsilon));
            return Layers.Recomputed(Layers.Tidy((pass, x) =>
            {
                var attended = add1(pass, x, behind1(pass, x));
                return add2(pass, attended, behind2(pass, attended));
            }));
        }

        var branch1 = Layers.Sequence(Layers.LayerNorm(scope["norm1"], width, Epsilon), Layers.EvaAttention(scope["attn"], width, attentionOptions));
        var branch2 = Layers.Sequence(Layers.LayerNorm(scope["norm2"], width, Epsilon), Mlp());
        return Layers.Recomputed(Layers.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            return add2(pass, attended, branch2(pass, attended));
        }));

        Layer Mlp() => config switch
        {
            { Version2: false } => Layers.Mlp(scope["mlp"], width, hidden, Layers.Gelu, LinearOptions.Small, last: last),
            { Split: true } => Layers.SwiGlu(scope["mlp"], width, hidden, Epsilon, last),
            _ => Layers.SwiGluPacked(scope["mlp"], width, hidden, last),
        };
    }
}

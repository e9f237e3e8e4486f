using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers with rotary position embeddings and their kin, as timm's <c>eva.py</c> has them: EVA, EVA-02 and the image towers
/// of EVA-CLIP (Fang et al. 2023, 2024; Sun et al. 2023), DINOv3 (Siméoni et al. 2025), the perception encoders (Bolya et al. 2025),
/// RoPE-ViT (Heo et al. 2024) and timm's own.
/// </summary>
public static class Eva
{
    /// <summary>How queries, keys and values come about.</summary>
    public enum Projections
    {
        /// <summary>One matrix, and a bias each for queries and values beside it.</summary>
        Fused,

        /// <summary>One matrix, no biases.</summary>
        FusedWithoutBias,

        /// <summary>A matrix each; queries and values have a bias.</summary>
        Split,

        /// <summary>One matrix with its bias, keys included (timm's <c>AttentionRope</c>).</summary>
        Whole,
    }

    /// <summary>The MLP of a block.</summary>
    public enum Hidden
    {
        /// <summary>Two matrices with GELU between.</summary>
        Plain,

        /// <summary>With a gate; both halves of the hidden layer from one matrix.</summary>
        GatedPacked,

        /// <summary>With a gate, a matrix each.</summary>
        Gated,

        /// <summary>The same, and a normalisation behind the product.</summary>
        GatedNormed,
    }

    /// <summary>Where the normalisation behind the blocks stands.</summary>
    public enum LastNorm
    {
        /// <summary>Before the pooling.</summary>
        BeforePooling,

        /// <summary>Behind the pooling.</summary>
        AfterPooling,

        /// <summary>Nowhere.</summary>
        None,
    }

    /// <summary>What makes one of them.</summary>
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
        public double MlpRatio { get; init; } = 4;

        /// <summary>The MLP of a block.</summary>
        public Hidden Hidden { get; init; }

        /// <summary>How queries, keys and values come about.</summary>
        public Projections Projections { get; init; }

        /// <summary>Turns queries and keys by the place of their patch; null goes without.</summary>
        public RotaryEmbeddingOptions? Rotation { get; init; }

        /// <summary>The rotation's speeds are learned, by each head of each block; <see cref="Rotation"/>'s temperature is that of their start.</summary>
        public bool LearnedRotation { get; init; }

        /// <summary>Attention has biases for relative places (BEiT).</summary>
        public bool PlaceBiases { get; init; }

        /// <summary>Whether there is a position embedding also.</summary>
        public bool Positions { get; init; } = true;

        /// <summary>Whether class and register tokens have a position embedding as well.</summary>
        public bool PositionedPrefix { get; init; } = true;

        /// <summary>A normalisation inside the attention also (EVA-02-CLIP).</summary>
        public bool InnerNorm { get; init; }

        /// <summary>Normalisations behind attention and MLP instead of before them (EVA-02-CLIP enormous).</summary>
        public bool PostNorm { get; init; }

        /// <summary>Normalisation before the first block, and patches without bias.</summary>
        public bool PreNorm { get; init; }

        /// <summary>Start of layer scale; null goes without it.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Epsilon of the layer normalisations.</summary>
        public double Epsilon { get; init; } = 1e-6;

        /// <summary>Whether there is a class token.</summary>
        public bool ClassToken { get; init; } = true;

        /// <summary>Register tokens behind the class token.</summary>
        public int Registers { get; init; }

        /// <summary>What the classifier sees; attention draws from all tokens here.</summary>
        public VisionTransformer.Pooling Pooling { get; init; } = VisionTransformer.Pooling.Mean;

        /// <summary>Where the last normalisation stands.</summary>
        public LastNorm LastNorm { get; init; } = LastNorm.AfterPooling;

        /// <summary>Tokens that stand for no place.</summary>
        public int Prefix => (ClassToken ? 1 : 0) + Registers;

        /// <summary>Side of the input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing of the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Clip with { CropPct = 0.9 };
    }

    private const double HeadScale = 0.001;

    // Of the pooling of the perception encoders.
    private const int PoolHeads = 8;
    private const int PoolMlpRatio = 4;

    private static readonly Preprocessing Squash = Preprocessing.Clip with { CropMode = "squash" };
    private static readonly Config Giant = new() { Width = 1408, Depth = 40, Heads = 16, MlpRatio = 6144.0 / 1408 };

    // Trained with 16 patches along a side.
    private static readonly Config Tiny = new() { Width = 192, Heads = 3, MlpRatio = 4.0 * 2 / 3, Hidden = Hidden.GatedPacked, Rotation = new() { Reference = 16 } };
    private static readonly Config Small = Tiny with { Width = 384, Heads = 6 };
    private static readonly Config Base = Tiny with { Width = 768, Heads = 12, Projections = Projections.Split, Hidden = Hidden.GatedNormed };
    private static readonly Config Large = Base with { Width = 1024, Heads = 16, Depth = 24 };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("Eva",
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
        ("eva_giant_patch14_clip_224", Token(Giant)),
        ("eva02_base_patch16_clip_224", Token(Base) with { Patch = 16, InnerNorm = true }),
        ("eva02_large_patch14_clip_224", Token(Large) with { InnerNorm = true }),
        ("eva02_large_patch14_clip_336", Token(Large) with { InnerNorm = true, InputSize = 336, Preprocessing = Preprocessing.Clip }),
        ("eva02_enormous_patch14_clip_224", Token(new() { Width = 1792, Depth = 64, Heads = 16, MlpRatio = 15360.0 / 1792, PostNorm = true })),
        ("vit_medium_patch16_rope_reg1_gap_256", RopeGap(512, 8, 1)),
        ("vit_mediumd_patch16_rope_reg1_gap_256", RopeGap(512, 8, 1) with { Depth = 20, Projections = Projections.FusedWithoutBias }),
        ("vit_betwixt_patch16_rope_reg4_gap_256", RopeGap(640, 10, 4) with { Preprocessing = Preprocessing.Clip with { CropPct = 0.95 } }),
        ("vit_base_patch16_rope_reg1_gap_256", RopeGap(768, 12, 1)),
        .. PerceptionEncoders(),
        .. RopeVits(),
        .. DinoV3s(),
    ], Declare) with
    {
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,

        // EVA itself begins at a billion parameters; eva02_tiny is its nearest relative that a CPU can train.
        ShortNames = [("eva", new("eva02_tiny", "eva_giant")), ("eva02", new("eva02_tiny", "eva02_card"))],
    };

    private static Config Token(Config config) => config with { Pooling = VisionTransformer.Pooling.Token, LastNorm = LastNorm.BeforePooling };

    /// <summary>timm's own: no position embedding and no class token.</summary>
    private static Config RopeGap(int width, int heads, int registers) => new()
    {
        Patch = 16,
        Width = width,
        Heads = heads,
        Rotation = new() { Reference = 16 },
        Positions = false,
        LayerScale = 1e-5,
        ClassToken = false,
        Registers = registers,
        InputSize = 256,
        Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
    };

    /// <summary>Perception encoders: <c>core</c> with attention pooling, <c>lang</c> and <c>spatial</c> without a last normalisation.</summary>
    private static IEnumerable<(string, Config)> PerceptionEncoders()
    {
        var tiny = new Config
        {
            Patch = 16,
            Width = 192,
            Heads = 3,
            Projections = Projections.Whole,
            Rotation = new() { Offset = 1, ColumnFirst = true },
            PreNorm = true,
            Epsilon = 1e-5,
            LastNorm = LastNorm.None,
            Preprocessing = Preprocessing.Inception with { CropPct = 1 },
        };
        var (small, middle) = (tiny with { Width = 384, Heads = 6 }, tiny with { Width = 768, Heads = 12 });
        var large = tiny with { Patch = 14, Width = 1024, Heads = 16, Depth = 24 };
        var gigantic = large with { Width = 1536, Depth = 50, MlpRatio = 8960.0 / 1536, ClassToken = false, Rotation = new() { ColumnFirst = true } };
        yield return ("vit_pe_core_tiny_patch16_384", Core(tiny, 384));
        yield return ("vit_pe_core_small_patch16_384", Core(small, 384));
        yield return ("vit_pe_core_base_patch16_224", Core(middle, 224));
        yield return ("vit_pe_core_large_patch14_336", Core(large, 336));
        yield return ("vit_pe_core_gigantic_patch14_448", Core(gigantic, 448));
        yield return ("vit_pe_lang_large_patch14_448", At(large, 448) with { Depth = 23, LayerScale = 0.1 });
        yield return ("vit_pe_lang_gigantic_patch14_448", At(gigantic, 448) with { Depth = 47, LayerScale = 0.1 });
        yield return ("vit_pe_spatial_tiny_patch16_512", At(tiny, 512));
        yield return ("vit_pe_spatial_small_patch16_512", At(small, 512));
        yield return ("vit_pe_spatial_base_patch16_512", At(middle, 512));
        yield return ("vit_pe_spatial_large_patch14_448", At(large, 448));
        yield return ("vit_pe_spatial_gigantic_patch14_448", At(gigantic, 448) with { LayerScale = 0.1 });

        static Config Core(Config config, int size) => At(config, size) with { Pooling = VisionTransformer.Pooling.Attention, LastNorm = LastNorm.BeforePooling };

        static Config At(Config config, int size) => config with { InputSize = size, Rotation = config.Rotation! with { Reference = size / config.Patch } };
    }

    /// <summary>RoPE-ViT: rows and columns apart or, <c>mixed</c>, by learned speeds; with a position embedding for the patches, <c>ape</c>, or without.</summary>
    private static IEnumerable<(string, Config)> RopeVits()
    {
        (string Name, int Width, int Heads, int Depth)[] towers = [("small", 384, 6, 12), ("base", 768, 12, 12), ("large", 1024, 16, 24)];
        (string Name, double Temperature, bool Learned, bool Positions)[] forms =
            [("rope", 100, false, false), ("rope_mixed", 10, true, false), ("rope_ape", 100, false, true), ("rope_mixed_ape", 10, true, true)];
        return from form in forms
               from tower in towers
               select ($"vit_{tower.Name}_patch16_{form.Name}_224", Token(new()
               {
                   Patch = 16,
                   Width = tower.Width,
                   Heads = tower.Heads,
                   Depth = tower.Depth,
                   Projections = Projections.Whole,
                   Rotation = new() { Temperature = form.Temperature, ColumnFirst = true },
                   LearnedRotation = form.Learned,
                   Positions = form.Positions,
                   PositionedPrefix = false,
                   LayerScale = 1e-5,
                   Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 },
               }));
    }

    /// <summary>DINOv3: each also with biases for queries and values, which Meta's have as zeros.</summary>
    private static IEnumerable<(string, Config)> DinoV3s()
    {
        var tiny = new Config
        {
            Patch = 16,
            Width = 192,
            Heads = 3,
            Projections = Projections.FusedWithoutBias,
            Rotation = new() { Temperature = 100, Centred = true },
            Positions = false,
            LayerScale = 1e-5,
            Epsilon = 1e-5,
            Registers = 4,
            LastNorm = LastNorm.BeforePooling,
            InputSize = 256,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
        };
        var small = tiny with { Width = 384, Heads = 6 };
        (string Name, Config Config)[] towers =
        [
            ("small", small),
            ("small_plus", small with { Hidden = Hidden.Gated }),
            ("base", tiny with { Width = 768, Heads = 12 }),
            ("large", tiny with { Width = 1024, Heads = 16, Depth = 24 }),
            ("huge_plus", tiny with { Width = 1280, Heads = 20, Depth = 32, Hidden = Hidden.Gated }),
        ];
        yield return ("vit_tiny_patch16_dinov3_qkvb", tiny with { Projections = Projections.Fused });
        foreach (var (name, config) in towers)
        {
            yield return ($"vit_{name}_patch16_dinov3", config);
            yield return ($"vit_{name}_patch16_dinov3_qkvb", config with { Projections = Projections.Fused });
        }

        yield return ("vit_7b_patch16_dinov3", tiny with { Width = 4096, Heads = 32, Depth = 40, MlpRatio = 2, Hidden = Hidden.Gated });
    }

    /// <summary>Declares <paramref name="config"/> under <paramref name="name"/>.</summary>
    /// <exception cref="RefusalException">The image size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSize ?? config.InputSize;
        VisionTransformer.CheckSize(name, size, config.Patch);
        var root = ParameterScope.Root();
        var (width, side) = ((long)config.Width, size / config.Patch);
        var embed = VisionTransformer.DeclareEmbedding(root, new()
        {
            Width = config.Width,
            Heads = config.Heads,
            Patch = config.Patch,
            PreNorm = config.PreNorm,
            Epsilon = config.Epsilon,
            ClassToken = config.ClassToken,
            Registers = config.Registers,
            Positions = config.Positions,
            PositionedPrefix = config.PositionedPrefix,
            TokenStart = new Initializer.TruncatedNormal(0.02),
        }, size);
        var rotations = DeclareRotations(root["rope"], config, side);
        var layerScale = config.LayerScale is null ? null : options.LayerScale ?? config.LayerScale;
        (int Side, Layer Spread)? places = config.PlaceBiases ? (side, Nn.SpreadBias(side, classToken: true)) : null;
        var blocks = rotations.Select((rotation, block) => DeclareBlock(
            root["blocks"][block], config, block, rotation, places, layerScale, Nn.DropPathAt(block, config.Depth, options.DropPath))).ToList();
        var norm = config.LastNorm == LastNorm.BeforePooling ? Nn.LayerNorm(root["norm"], width, config.Epsilon) : null;
        var pool = config.Pooling switch
        {
            VisionTransformer.Pooling.Token => (_, tokens) => tokens.select(1, 0),
            VisionTransformer.Pooling.Mean => VisionTransformer.MeanOverPatches(config.Prefix),
            _ => Nn.AttentionPool(root["attn_pool"], width, PoolHeads, PoolMlpRatio * width, Nn.Gelu, config.Epsilon),
        };
        var normAfter = config.LastNorm == LastNorm.AfterPooling ? Nn.LayerNorm(root["fc_norm"], width, config.Epsilon) : null;
        var classifier = Nn.Classifier(root["head"], width, options.Classes, new()
        {
            Start = new Initializer.TruncatedNormal(0.02 * HeadScale),
            BiasStart = Initializer.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.Declared(VisionTransformer.GroupRules),
            Features = Nn.Sequence([embed, .. blocks, norm]),
            Head = Nn.Sequence(pool, normAfter, Nn.Dropout("head", options.Dropout), classifier),
            Classifier = "head",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>The rotation of each block; learned speeds are one tensor, which stands in the stem's layer group with the other embeddings.</summary>
    private static ImmutableArray<RotaryEmbedding?> DeclareRotations(ParameterScope scope, Config config, int side)
    {
        var headWidth = config.Width / config.Heads;
        if (config is { LearnedRotation: true, Rotation: { } start })
        {
            var speeds = Nn.RotationSpeeds(scope, config.Depth, config.Heads, headWidth, start.Temperature);
            return [.. Enumerable.Range(0, config.Depth).Select(block => Nn.LearnedRotation(speeds, block, side, config.Prefix))];
        }

        var rotation = config.Rotation is { } options ? Nn.Rotation(options, side, headWidth, config.Prefix) : null;
        return [.. Enumerable.Repeat(rotation, config.Depth)];
    }

    private static Layer DeclareBlock(
        ParameterScope scope, Config config, int block, RotaryEmbedding? rotation, (int Side, Layer Spread)? places, double? layerScale, double dropPath)
    {
        long width = config.Width;
        var hidden = (long)(width * config.MlpRatio);

        // Deeper blocks start with smaller answers.
        var last = new Initializer.TruncatedNormal(0.02 / Math.Sqrt(2.0 * (block + 1)));
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale("gamma_1"));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale("gamma_2"));
        Layer branch1, branch2;
        if (config.PostNorm)
        {
            branch1 = Nn.Sequence(Attention(), Norm("norm1"));
            branch2 = Nn.Sequence(Mlp(), Norm("norm2"));
        }
        else
        {
            branch1 = Nn.Sequence(Norm("norm1"), Attention());
            branch2 = Nn.Sequence(Norm("norm2"), Mlp());
        }

        return Nn.Checkpointed(Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            return add2(pass, attended, branch2(pass, attended));
        }));

        TensorSlot? Scale(string part) => layerScale is { } start ? scope.Parameter(part, [width], new Initializer.Constant(start)) : null;

        Layer Norm(string part) => Nn.LayerNorm(scope[part], width, config.Epsilon);

        Layer Attention() => config.Projections == Projections.Whole
            ? Nn.Attention(scope["attn"], width, new() { Heads = config.Heads, Rotation = rotation, ProjectionStart = last })
            : Nn.EvaAttention(scope["attn"], width, new()
            {
                Heads = config.Heads,
                Fused = config.Projections != Projections.Split,
                Bias = config.Projections != Projections.FusedWithoutBias,
                InnerNorm = config.InnerNorm,
                Rotation = rotation,
                Places = places,
                Epsilon = config.Epsilon,
                ProjectionStart = last,
            });

        Layer Mlp() => config.Hidden switch
        {
            Hidden.Plain => Nn.Mlp(scope["mlp"], width, hidden, Nn.Gelu, LinearOptions.Small, last: last),
            Hidden.GatedPacked => Nn.SwiGluPacked(scope["mlp"], width, hidden, last),
            var kind => Nn.SwiGlu(scope["mlp"], width, hidden, kind == Hidden.GatedNormed ? config.Epsilon : null, last),
        };
    }
}

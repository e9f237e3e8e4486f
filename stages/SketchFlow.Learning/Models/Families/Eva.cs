using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers with rotary position embeddings and related models: EVA, EVA-02 and the image towers of EVA-CLIP (Fang et al. 2023,
/// 2024; Sun et al. 2023), DINOv3 (Siméoni et al. 2025), the perception encoders (Bolya et al. 2025), RoPE-ViT (Heo et al. 2024) and timm's
/// own. Follows timm's <c>eva.py</c>.
/// </summary>
public static class Eva
{
    /// <summary>Projection of tokens to queries, keys and values.</summary>
    public enum QkvProjection
    {
        /// <summary>One matrix, with separate biases for queries and values.</summary>
        Fused,

        /// <summary>One matrix, no biases.</summary>
        FusedWithoutBias,

        /// <summary>Three matrices; queries and values have a bias.</summary>
        Split,

        /// <summary>One matrix with a bias for queries, keys and values (timm's <c>AttentionRope</c>).</summary>
        FusedFullBias,
    }

    /// <summary>Kind of MLP in a block.</summary>
    public enum MlpKind
    {
        /// <summary>Two fully connected layers with GELU.</summary>
        Plain,

        /// <summary>SwiGLU with gate and value from one matrix.</summary>
        SwiGluPacked,

        /// <summary>SwiGLU with separate matrices for gate and value.</summary>
        SwiGlu,

        /// <summary><see cref="SwiGlu"/> with a normalisation after the product.</summary>
        SwiGluNorm,
    }

    /// <summary>Position of the normalisation after the last block.</summary>
    public enum FinalNorm
    {
        /// <summary>Before pooling.</summary>
        BeforePooling,

        /// <summary>After pooling.</summary>
        AfterPooling,

        /// <summary>No normalisation.</summary>
        None,
    }

    /// <summary>Configuration of one architecture.</summary>
    public sealed record Config
    {
        /// <summary>Side of a patch in pixels.</summary>
        public int Patch { get; init; } = 14;

        /// <summary>Number of channels per token.</summary>
        public required int Width { get; init; }

        /// <summary>Number of blocks.</summary>
        public int Depth { get; init; } = 12;

        /// <summary>Number of attention heads.</summary>
        public required int Heads { get; init; }

        /// <summary>Ratio of the MLP's hidden features to the width.</summary>
        public double MlpRatio { get; init; } = 4;

        /// <summary>Kind of MLP.</summary>
        public MlpKind MlpKind { get; init; }

        /// <summary>Projection of tokens to queries, keys and values.</summary>
        public QkvProjection QkvProjection { get; init; }

        /// <summary>Rotary position embedding; null has none.</summary>
        public RotaryEmbeddingOptions? RotaryEmbedding { get; init; }

        /// <summary>Whether each head learns its rotary frequencies; the temperature of <see cref="RotaryEmbedding"/> then sets their initial values.</summary>
        public bool LearnedRotaryEmbedding { get; init; }

        /// <summary>Whether attention has biases for relative positions (BEiT).</summary>
        public bool RelativePositionBias { get; init; }

        /// <summary>Whether there is an absolute position embedding.</summary>
        public bool PositionEmbedding { get; init; } = true;

        /// <summary>Whether class and register tokens also have a position embedding.</summary>
        public bool PrefixPositionEmbedding { get; init; } = true;

        /// <summary>Whether there is a normalisation inside attention (EVA-02-CLIP).</summary>
        public bool InnerNorm { get; init; }

        /// <summary>Whether attention and MLP are followed instead of preceded by normalisations (EVA-02-CLIP enormous).</summary>
        public bool PostNorm { get; init; }

        /// <summary>Whether a normalisation precedes the first block and the patch embedding has no bias.</summary>
        public bool PreNorm { get; init; }

        /// <summary>Initial value of layer scale; null has no layer scale.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Epsilon of the layer normalisations.</summary>
        public double Epsilon { get; init; } = 1e-6;

        /// <summary>Whether there is a class token.</summary>
        public bool ClassToken { get; init; } = true;

        /// <summary>Number of register tokens after the class token.</summary>
        public int Registers { get; init; }

        /// <summary>Pooling before the classifier; attention pooling uses all tokens here.</summary>
        public VisionTransformer.Pooling Pooling { get; init; } = VisionTransformer.Pooling.Mean;

        /// <summary>Position of the last normalisation.</summary>
        public FinalNorm FinalNorm { get; init; } = FinalNorm.AfterPooling;

        /// <summary>Number of tokens without a position.</summary>
        public int PrefixTokens => (ClassToken ? 1 : 0) + Registers;

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Clip with { CropPct = 0.9 };
    }

    // Factor of the classifier's initial weights.
    private const double HeadScale = 0.001;

    // Attention pooling of the perception encoders.
    private const int PoolHeads = 8;
    private const int PoolMlpRatio = 4;

    private static readonly Preprocessing Squash = Preprocessing.Clip with { CropMode = "squash" };
    private static readonly Config Giant = new() { Width = 1408, Depth = 40, Heads = 16, MlpRatio = 6144.0 / 1408 };

    // Trained with 16 patches along a side.
    private static readonly Config Tiny = new()
    {
        Width = 192,
        Heads = 3,
        MlpRatio = 4.0 * 2 / 3,
        MlpKind = MlpKind.SwiGluPacked,
        RotaryEmbedding = new() { Reference = 16 },
    };

    private static readonly Config Small = Tiny with { Width = 384, Heads = 6 };
    private static readonly Config Base = Tiny with { Width = 768, Heads = 12, QkvProjection = QkvProjection.Split, MlpKind = MlpKind.SwiGluNorm };
    private static readonly Config Large = Base with { Width = 1024, Heads = 16, Depth = 24 };

    /// <summary>The family's architectures by timm's name.</summary>
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
        ("vit_mediumd_patch16_rope_reg1_gap_256", RopeGap(512, 8, 1) with { Depth = 20, QkvProjection = QkvProjection.FusedWithoutBias }),
        ("vit_betwixt_patch16_rope_reg4_gap_256", RopeGap(640, 10, 4) with { Preprocessing = Preprocessing.Clip with { CropPct = 0.95 } }),
        ("vit_base_patch16_rope_reg1_gap_256", RopeGap(768, 12, 1)),
        .. PerceptionEncoders(),
        .. RopeVits(),
        .. DinoV3s(),
    ], Declare) with
    {
        Order = 14,
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,

        // EVA itself begins at a billion parameters; eva02_tiny is its nearest relative that a CPU can train.
        ShortNames = [("eva", new("eva02_tiny", "eva_giant")), ("eva02", new("eva02_tiny", "eva02_card"))],
    };

    private static Config Token(Config config) => config with { Pooling = VisionTransformer.Pooling.Token, FinalNorm = FinalNorm.BeforePooling };

    /// <summary>Returns timm's own variant without position embedding and class token.</summary>
    private static Config RopeGap(int width, int heads, int registers) => new()
    {
        Patch = 16,
        Width = width,
        Heads = heads,
        RotaryEmbedding = new() { Reference = 16 },
        PositionEmbedding = false,
        LayerScale = 1e-5,
        ClassToken = false,
        Registers = registers,
        InputSize = 256,
        Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
    };

    /// <summary>Returns the perception encoders: <c>core</c> with attention pooling, <c>lang</c> and <c>spatial</c> without a last normalisation.</summary>
    private static IEnumerable<(string, Config)> PerceptionEncoders()
    {
        var tiny = new Config
        {
            Patch = 16,
            Width = 192,
            Heads = 3,
            QkvProjection = QkvProjection.FusedFullBias,
            RotaryEmbedding = new() { Offset = 1, ColumnFirst = true },
            PreNorm = true,
            Epsilon = 1e-5,
            FinalNorm = FinalNorm.None,
            Preprocessing = Preprocessing.Inception with { CropPct = 1 },
        };
        var (small, middle) = (tiny with { Width = 384, Heads = 6 }, tiny with { Width = 768, Heads = 12 });
        var large = tiny with { Patch = 14, Width = 1024, Heads = 16, Depth = 24 };
        var gigantic = large with
        {
            Width = 1536,
            Depth = 50,
            MlpRatio = 8960.0 / 1536,
            ClassToken = false,
            RotaryEmbedding = new() { ColumnFirst = true },
        };
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

        static Config Core(Config config, int size) =>
            At(config, size) with { Pooling = VisionTransformer.Pooling.Attention, FinalNorm = FinalNorm.BeforePooling };

        static Config At(Config config, int size) =>
            config with { InputSize = size, RotaryEmbedding = config.RotaryEmbedding! with { Reference = size / config.Patch } };
    }

    /// <summary>
    /// Returns RoPE-ViT with fixed frequencies for rows and columns, or learned ones (<c>mixed</c>); without or with a position embedding of
    /// the patches (<c>ape</c>).
    /// </summary>
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
                   QkvProjection = QkvProjection.FusedFullBias,
                   RotaryEmbedding = new() { Temperature = form.Temperature, ColumnFirst = true },
                   LearnedRotaryEmbedding = form.Learned,
                   PositionEmbedding = form.Positions,
                   PrefixPositionEmbedding = false,
                   LayerScale = 1e-5,
                   Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 },
               }));
    }

    /// <summary>Returns DINOv3, each also with biases for queries and values, which are zero in Meta's weights.</summary>
    private static IEnumerable<(string, Config)> DinoV3s()
    {
        var tiny = new Config
        {
            Patch = 16,
            Width = 192,
            Heads = 3,
            QkvProjection = QkvProjection.FusedWithoutBias,
            RotaryEmbedding = new() { Temperature = 100, Centred = true },
            PositionEmbedding = false,
            LayerScale = 1e-5,
            Epsilon = 1e-5,
            Registers = 4,
            FinalNorm = FinalNorm.BeforePooling,
            InputSize = 256,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
        };
        var small = tiny with { Width = 384, Heads = 6 };
        (string Name, Config Config)[] towers =
        [
            ("small", small),
            ("small_plus", small with { MlpKind = MlpKind.SwiGlu }),
            ("base", tiny with { Width = 768, Heads = 12 }),
            ("large", tiny with { Width = 1024, Heads = 16, Depth = 24 }),
            ("huge_plus", tiny with { Width = 1280, Heads = 20, Depth = 32, MlpKind = MlpKind.SwiGlu }),
        ];
        yield return ("vit_tiny_patch16_dinov3_qkvb", tiny with { QkvProjection = QkvProjection.Fused });
        foreach (var (name, config) in towers)
        {
            yield return ($"vit_{name}_patch16_dinov3", config);
            yield return ($"vit_{name}_patch16_dinov3_qkvb", config with { QkvProjection = QkvProjection.Fused });
        }

        yield return ("vit_7b_patch16_dinov3", tiny with { Width = 4096, Heads = 32, Depth = 40, MlpRatio = 2, MlpKind = MlpKind.SwiGlu });
    }

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: config.Patch);
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
            PositionEmbedding = config.PositionEmbedding,
            PrefixPositionEmbedding = config.PrefixPositionEmbedding,
            TokenInitializer = new Initializer.TruncatedNormal(0.02),
        }, size);
        var rotaryEmbeddings = DeclareRotaryEmbeddings(root["rope"], config, side);
        var layerScale = config.LayerScale is null ? null : options.LayerScale ?? config.LayerScale;
        (int Side, Layer Gather)? relativeBias = config.RelativePositionBias ? (side, Nn.GatherRelativeBias(side, classToken: true)) : null;
        var blocks = rotaryEmbeddings.Select((rotary, block) => DeclareBlock(root["blocks"][block], config, new(
            block, rotary, relativeBias, layerScale, Nn.DropPathAt(block, config.Depth, options.DropPath)))).ToList();
        var norm = config.FinalNorm == FinalNorm.BeforePooling ? Nn.LayerNorm(root["norm"], width, config.Epsilon) : null;
        var tokens = new TokenLayout(config.PrefixTokens, side, side);
        var pool = config.Pooling switch
        {
            VisionTransformer.Pooling.Token => (_, x) => x.Select(1, 0),
            VisionTransformer.Pooling.Mean => VisionTransformer.MeanOverPatches(config.PrefixTokens),
            _ => Nn.Over(tokens, Nn.AttentionPool(root["attn_pool"], width, PoolHeads, PoolMlpRatio * width, Nn.Gelu, config.Epsilon)),
        };
        var normAfter = config.FinalNorm == FinalNorm.AfterPooling ? Nn.LayerNorm(root["fc_norm"], width, config.Epsilon) : null;
        var classifier = Nn.Classifier(root["head"], width, options.Classes, new()
        {
            WeightInitializer = new Initializer.TruncatedNormal(0.02 * HeadScale),
            BiasInitializer = Initializer.Zeros,
        });
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(VisionTransformer.GroupRules),
            Features = Nn.Sequential([embed, .. blocks.Select(block => Nn.Over(tokens, block)), norm]),
            Head = Nn.Sequential(pool, normAfter, Nn.Dropout("head", options.Dropout), classifier),
            Classifier = "head",
            FirstConvolution = "patch_embed.proj",
        };
    }

    /// <summary>Returns the rotary embedding of each block. Learned frequencies are one tensor, in the stem's layer group with the other embeddings.</summary>
    private static ImmutableArray<RotaryEmbedding?> DeclareRotaryEmbeddings(ParameterScope scope, Config config, int side)
    {
        var headWidth = config.Width / config.Heads;
        if (config is { LearnedRotaryEmbedding: true, RotaryEmbedding: { } initial })
        {
            var frequencies = Nn.RotaryFrequencies(scope, config.Depth, config.Heads, headWidth, initial.Temperature);
            return [.. Enumerable.Range(0, config.Depth).Select(block => Nn.LearnedRotaryEmbedding(frequencies, block, side, config.PrefixTokens))];
        }

        var rotary = config.RotaryEmbedding is { } options ? Nn.FixedRotaryEmbedding(options, side, headWidth, config.PrefixTokens) : null;
        return [.. Enumerable.Repeat(rotary, config.Depth)];
    }

    /// <summary>Settings of one block.</summary>
    /// <param name="Index">Index of the block, from 0.</param>
    /// <param name="RotaryEmbedding">Rotary position embedding; null has none.</param>
    /// <param name="RelativeBias">Biases for relative positions, see <see cref="EvaAttentionOptions.RelativeBias"/>; null has none.</param>
    /// <param name="LayerScale">Initial value of layer scale; null has no layer scale.</param>
    /// <param name="DropPath">Probability of dropping a sample's branch in training.</param>
    private sealed record BlockSettings(
        int Index, RotaryEmbedding? RotaryEmbedding, (int Side, Layer Gather)? RelativeBias, double? LayerScale, double DropPath);

    private static Layer DeclareBlock(ParameterScope scope, Config config, BlockSettings block)
    {
        long width = config.Width;
        var hidden = (long)(width * config.MlpRatio);

        // The initial output of a block decreases with its depth.
        var output = new Initializer.TruncatedNormal(0.02 / Math.Sqrt(2.0 * (block.Index + 1)));
        var add1 = Nn.Residual($"{scope.Path}.1", block.DropPath, Scale("gamma_1"));
        var add2 = Nn.Residual($"{scope.Path}.2", block.DropPath, Scale("gamma_2"));
        Layer branch1, branch2;
        if (config.PostNorm)
        {
            branch1 = Nn.Sequential(Attention(), Norm("norm1"));
            branch2 = Nn.Sequential(Mlp(), Norm("norm2"));
        }
        else
        {
            branch1 = Nn.Sequential(Norm("norm1"), Attention());
            branch2 = Nn.Sequential(Norm("norm2"), Mlp());
        }

        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            return add2(pass, attended, branch2(pass, attended));
        }));

        TensorSlot? Scale(string part) => block.LayerScale is { } initial ? scope.Parameter(part, [width], new Initializer.Constant(initial)) : null;

        Layer Norm(string part) => Nn.LayerNorm(scope[part], width, config.Epsilon);

        Layer Attention() => config.QkvProjection == QkvProjection.FusedFullBias
            ? Nn.Attention(scope["attn"], width, new() { Heads = config.Heads, RotaryEmbedding = block.RotaryEmbedding, ProjectionInitializer = output })
            : Nn.EvaAttention(scope["attn"], width, new()
            {
                Heads = config.Heads,
                Fused = config.QkvProjection != QkvProjection.Split,
                Bias = config.QkvProjection != QkvProjection.FusedWithoutBias,
                InnerNorm = config.InnerNorm,
                RotaryEmbedding = block.RotaryEmbedding,
                RelativeBias = block.RelativeBias,
                Epsilon = config.Epsilon,
                ProjectionInitializer = output,
            });

        Layer Mlp() => config.MlpKind switch
        {
            MlpKind.Plain => Nn.Mlp(scope["mlp"], width, hidden, new() { OutputInitializer = output }),
            MlpKind.SwiGluPacked => Nn.SwiGluPacked(scope["mlp"], width, hidden, new() { OutputInitializer = output }),
            var kind => Nn.SwiGlu(scope["mlp"], width, hidden, new()
            {
                NormEpsilon = kind == MlpKind.SwiGluNorm ? config.Epsilon : null,
                OutputInitializer = output,
            }),
        };
    }
}

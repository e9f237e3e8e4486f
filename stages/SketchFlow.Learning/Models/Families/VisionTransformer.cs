using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers (Dosovitskiy et al. 2021; CLIP: Radford et al. 2021; DINOv2: Oquab et al. 2023; SigLIP: Zhai et al. 2023). Follows
/// timm's <c>vision_transformer.py</c>.
/// </summary>
public static class VisionTransformer
{
    /// <summary>Pooling before the classifier.</summary>
    public enum Pooling
    {
        /// <summary>Class token.</summary>
        Token,

        /// <summary>Mean over the patches.</summary>
        Mean,

        /// <summary>Attention pooling with a learned query (SigLIP).</summary>
        Attention,
    }

    /// <summary>Form of a block.</summary>
    public enum Form
    {
        /// <summary>Attention, then the MLP, each after a normalisation.</summary>
        Serial,

        /// <summary>Normalisations after attention and MLP; layer scale is the initial value of their weights (timm's <c>rpn</c>).</summary>
        PostNorm,

        /// <summary>Two attentions in parallel, then two MLPs in parallel (Touvron et al. 2022; timm's <c>ParallelThingsBlock</c>).</summary>
        ParallelThings,

        /// <summary>Attention and MLP in parallel from one matrix (Dehghani et al. 2023, ViT-22B; timm's <c>ParallelScalingBlock</c>).</summary>
        ParallelScaling,

        /// <summary>Differential attention and MLP in parallel, with one input and one output matrix.</summary>
        DifferentialParallelScaling,
    }

    /// <summary>Convolutional network before the patch embedding (hybrid: Dosovitskiy et al. 2021).</summary>
    /// <param name="Stride">Ratio of the input side to the side of its feature map.</param>
    /// <param name="Channels">Number of channels of its feature map.</param>
    /// <param name="FirstConvolution">Name of its first convolution, under <c>patch_embed.backbone</c>.</param>
    /// <param name="Declare">Declares the network.</param>
    public sealed record Backbone(int Stride, long Channels, string FirstConvolution, Func<ParameterScope, Layer> Declare)
    {
        /// <summary>Whether a projection follows; otherwise the feature map's pixels are the tokens.</summary>
        public bool Projects { get; init; } = true;
    }

    /// <summary>Special embedding of images as tokens.</summary>
    /// <param name="FirstConvolution">Name of the layer that reads the pixels.</param>
    /// <param name="Declare">Declares the embedding for a side in pixels: (N, 3, H, W) to (N, class + registers + patches, C).</param>
    public sealed record Embedding(string FirstConvolution, Func<ParameterScope, Config, int, Layer> Declare);

    /// <summary>Configuration of a vision transformer.</summary>
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

        /// <summary>Ratio of the MLP's hidden features to the width.</summary>
        public double MlpRatio { get; init; } = 4;

        /// <summary>Whether a normalisation precedes the first block and the patch embedding has no bias (CLIP).</summary>
        public bool PreNorm { get; init; }

        /// <summary>Whether the activation is CLIP's approximation of GELU, which OpenAI's weights were trained with.</summary>
        public bool QuickGelu { get; init; }

        /// <summary>Whether the activation is the tanh approximation of GELU.</summary>
        public bool TanhGelu { get; init; }

        /// <summary>Whether MLPs are SwiGLU (DINOv2's giant); <see cref="MlpRatio"/> then includes gate and value.</summary>
        public bool SwiGlu { get; init; }

        /// <summary>Whether queries, keys and values have a bias.</summary>
        public bool QkvBias { get; init; } = true;

        /// <summary>Form of the blocks.</summary>
        public Form Form { get; init; }

        /// <summary>Whether normalisations precede the output projections of attention and MLP (BEiT-3: Wang et al. 2023).</summary>
        public bool InnerNorm { get; init; }

        /// <summary>Whether attention is differential (Ye et al. 2025), see <see cref="Nn.DifferentialAttention"/>.</summary>
        public bool Differential { get; init; }

        /// <summary>Whether queries and keys are normalised.</summary>
        public bool QueryKeyNorm { get; init; }

        /// <summary>Whether normalisations divide by the root mean square and have no bias (Zhang and Sennrich 2019).</summary>
        public bool RmsNorm { get; init; }

        /// <summary>
        /// Whether the model has AIMv2's form (Fini et al. 2025): no biases in the blocks, SwiGLU with separate matrices, and a normalisation after
        /// the patch embedding.
        /// </summary>
        public bool AimV2 { get; init; }

        /// <summary>Whether a normalisation follows the last block.</summary>
        public bool FinalNorm { get; init; } = true;

        /// <summary>Epsilon of the layer normalisations.</summary>
        public double Epsilon { get; init; } = 1e-6;

        /// <summary>Initial value of layer scale; null has no layer scale.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Whether there is a class token.</summary>
        public bool ClassToken { get; init; } = true;

        /// <summary>Number of register tokens after the class token (Darcet et al. 2024).</summary>
        public int Registers { get; init; }

        /// <summary>Whether there is a distillation token with its own classifier (DeiT, Touvron et al. 2021).</summary>
        public bool Distilled { get; init; }

        /// <summary>Whether there is a position embedding.</summary>
        public bool PositionEmbedding { get; init; } = true;

        /// <summary>Whether class and register tokens have a position embedding; otherwise only the patches have one.</summary>
        public bool PrefixPositionEmbedding { get; init; } = true;

        /// <summary>Whether position embeddings of another image size are resampled bilinearly, without antialiasing.</summary>
        public bool BilinearPositionResampling { get; init; }

        /// <summary>Initializer of class and register tokens.</summary>
        public Initializer TokenInitializer { get; init; } = new Initializer.Normal(1e-6);

        /// <summary>Pooling before the classifier.</summary>
        public Pooling Pooling { get; init; } = Pooling.Token;

        /// <summary>Whether attention pooling also uses class and register tokens instead of only the patches.</summary>
        public bool PoolsPrefixTokens { get; init; }

        /// <summary>Whether pooling precedes the last normalisation (timm's <c>fc_norm</c>).</summary>
        public bool NormAfterPooling { get; init; }

        /// <summary>Attention biases for relative positions; null has none.</summary>
        public RelativeBiasOptions? RelativeBias { get; init; }

        /// <summary>Whether all blocks share the biases of one network.</summary>
        public bool SharedRelativeBias { get; init; }

        /// <summary>Initialisation of the fully connected layers of blocks and classifier.</summary>
        public LinearOptions Linear { get; init; } = LinearOptions.TruncatedNormal;

        /// <summary>Whether the initial output projections are scaled down with the depth of their block (timm's <c>fix_init</c>).</summary>
        public bool FixInit { get; init; }

        /// <summary>Special embedding of images; null is the usual patch embedding.</summary>
        public Embedding? Embedding { get; init; }

        /// <summary>Convolutional network before the patch embedding; null has none.</summary>
        public Backbone? Backbone { get; init; }

        /// <summary>
        /// Whether input sizes that are not a multiple of the patch size are accepted and the remaining pixels ignored (a SigLIP model has 384
        /// pixels and patch 14).
        /// </summary>
        public bool IgnoresRemainder { get; init; }

        /// <summary>Number of tokens without a position.</summary>
        public int PrefixTokens => (ClassToken ? 1 : 0) + Registers + (Distilled ? 1 : 0);

        /// <summary>Side of the default input in pixels.</summary>
        public int InputSize { get; init; } = 224;

        /// <summary>timm's preprocessing for the default weights.</summary>
        public Preprocessing Preprocessing { get; init; } = Preprocessing.Inception;
    }

    private static readonly Config Tiny = new() { Width = 192, Heads = 3 };
    private static readonly Config Small = new() { Width = 384, Heads = 6 };
    private static readonly Config Base = new() { Width = 768, Heads = 12 };
    private static readonly Config Large = new() { Width = 1024, Heads = 16, Depth = 24 };
    private static readonly Config Huge = new() { Width = 1280, Heads = 16, Depth = 32, Patch = 14 };
    private static readonly Config Medium = new() { Width = 512, Heads = 8 };
    private static readonly Config Betwixt = new() { Width = 640, Heads = 10 };
    private static readonly Config Plus =
        new() { Width = 896, Heads = 14, LayerScale = 1e-5, Preprocessing = Preprocessing.Inception with { CropPct = 0.95 } };

    private static readonly Config EvaLarge =
        Large with { Patch = 14, Pooling = Pooling.Mean, NormAfterPooling = true, Preprocessing = Preprocessing.Clip };

    private static readonly Config So150 =
        new() { Width = 896, Heads = 14, Depth = 18, MlpRatio = 2.572, ClassToken = false, Registers = 4, Pooling = Pooling.Mean };

    private static readonly Config So150M2 = new()
    {
        Width = 832,
        Heads = 13,
        Depth = 21,
        MlpRatio = 34.0 / 13,
        LayerScale = 1e-5,
        QkvBias = false,
        ClassToken = false,
        Registers = 1,
        Pooling = Pooling.Mean,
        NormAfterPooling = true,
    };

    private static readonly Config So400 = new() { Width = 1152, Heads = 16, Depth = 27, MlpRatio = 3.7362 };
    private static readonly Config GiantOpt = new() { Width = 1536, Heads = 16, Depth = 40, TanhGelu = true };
    private static readonly Config DinoGiant = new() { Width = 1536, Heads = 24, Depth = 40, MlpRatio = 2.66667 * 2, SwiGlu = true };
    private static readonly Config Giant = new() { Width = 1408, Heads = 16, Depth = 40, Patch = 14, MlpRatio = 48.0 / 11 };
    private static readonly Config Gigantic = new() { Width = 1664, Heads = 16, Depth = 48, Patch = 14, MlpRatio = 64.0 / 13 };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Config>("VisionTransformer",
    [
        ("vit_tiny_patch16_224", Tiny),
        ("vit_tiny_patch16_384", At(Tiny, 384)),
        ("vit_small_patch32_224", Small with { Patch = 32 }),
        ("vit_small_patch32_384", At(Small, 384) with { Patch = 32 }),
        ("vit_small_patch16_224", Small),
        ("vit_small_patch16_384", At(Small, 384)),
        ("vit_small_patch8_224", Small with { Patch = 8, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } }),
        ("vit_base_patch32_224", Base with { Patch = 32 }),
        ("vit_base_patch32_384", At(Base, 384) with { Patch = 32 }),
        ("vit_base_patch16_224", Base),
        ("vit_base_patch16_384", At(Base, 384)),
        ("vit_base_patch8_224", Base with { Patch = 8 }),
        ("vit_large_patch32_224", Large with { Patch = 32 }),
        ("vit_large_patch32_384", At(Large, 384) with { Patch = 32 }),
        ("vit_large_patch16_224", Large),
        ("vit_large_patch16_384", At(Large, 384)),
        ("vit_large_patch14_224", Large with { Patch = 14 }),
        ("vit_huge_patch14_224", Huge),
        ("vit_giant_patch14_224", Giant),
        ("vit_gigantic_patch14_224", Gigantic),
        ("vit_xsmall_patch16_clip_224", Clip(new() { Width = 256, Heads = 4, Depth = 10 }, crop: 0.9)),
        ("vit_medium_patch32_clip_224", Clip(new() { Width = 512, Heads = 8, Patch = 32 }, crop: 0.9)),
        ("vit_medium_patch16_clip_224", Clip(new() { Width = 512, Heads = 8 }, crop: 0.9)),
        ("vit_base_patch32_clip_224", Clip(Base with { Patch = 32 }, crop: 0.9)),
        ("vit_base_patch32_clip_256", Clip(Base with { Patch = 32 }, 256)),
        ("vit_base_patch32_clip_384", Clip(Base with { Patch = 32 }, 384)),
        ("vit_base_patch32_clip_448", Clip(Base with { Patch = 32 }, 448)),
        ("vit_base_patch16_clip_224", Clip(Base, crop: 0.95)),
        ("vit_base_patch16_clip_384", Squash(Clip(Base, 384))),
        ("vit_base_patch16_plus_clip_240", Clip(new() { Width = 896, Heads = 14 }, 240)),
        ("vit_large_patch14_clip_224", Clip(Large with { Patch = 14 }) with { Preprocessing = Preprocessing.Inception with { CropPct = 1 } }),
        ("vit_large_patch14_clip_336", Squash(Clip(Large with { Patch = 14 }, 336) with { Preprocessing = Preprocessing.Inception with { CropPct = 1 } })),
        ("vit_huge_patch14_clip_224", Clip(Huge)),
        ("vit_huge_patch14_clip_336", Squash(Clip(Huge, 336))),
        ("vit_huge_patch14_clip_378", Clip(Huge, 378)),
        ("vit_giant_patch14_clip_224", Clip(Giant)),
        ("vit_gigantic_patch14_clip_224", Clip(Gigantic)),
        ("vit_gigantic_patch14_clip_378", Squash(Clip(Gigantic, 378))),
        ("vit_base_patch32_clip_quickgelu_224", Clip(Base with { Patch = 32, QuickGelu = true }, crop: 0.9)),
        ("vit_base_patch16_clip_quickgelu_224", Clip(Base with { QuickGelu = true })),
        ("vit_large_patch14_clip_quickgelu_224", Clip(Large with { Patch = 14, QuickGelu = true })),
        ("vit_large_patch14_clip_quickgelu_336", Clip(Large with { Patch = 14, QuickGelu = true }, 336)),
        ("vit_huge_patch14_clip_quickgelu_224", Clip(Huge with { QuickGelu = true })),
        ("vit_huge_patch14_clip_quickgelu_378", Clip(Huge with { QuickGelu = true }, 378)),
        ("vit_gigantic_patch14_clip_quickgelu_224", Clip(Gigantic with { QuickGelu = true })),
        ("vit_small_patch14_dinov2", Dino(Small)),
        ("vit_base_patch14_dinov2", Dino(Base)),
        ("vit_large_patch14_dinov2", Dino(Large)),
        ("vit_giant_patch14_dinov2", Dino(DinoGiant)),
        ("vit_small_patch14_reg4_dinov2", Reg4(Dino(Small))),
        ("vit_base_patch14_reg4_dinov2", Reg4(Dino(Base))),
        ("vit_large_patch14_reg4_dinov2", Reg4(Dino(Large))),
        ("vit_giant_patch14_reg4_dinov2", Reg4(Dino(DinoGiant))),
        ("vit_medium_patch16_gap_240", Gap(Medium, 240, 0.95) with { QkvBias = false, LayerScale = 1e-6 }),
        ("vit_medium_patch16_gap_256", Gap(Medium, 256, 0.95) with { QkvBias = false, LayerScale = 1e-6 }),
        ("vit_medium_patch16_gap_384", Squash(Gap(Medium, 384, 0.95) with { QkvBias = false, LayerScale = 1e-6 })),
        ("vit_betwixt_patch16_gap_256", Gap(Betwixt, 256, 0.95) with { QkvBias = false, LayerScale = 1e-6 }),
        ("vit_base_patch16_gap_224", Gap(Base with { Heads = 16 }, 224, 0.9)),
        ("vit_huge_patch14_gap_224", Gap(Huge, 224, 0.9) with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } }),
        ("vit_huge_patch16_gap_448", Gap(Huge with { Patch = 16 }, 448, 1) with { Preprocessing = Preprocessing.ImageNet with { CropPct = 1 } }),
        ("vit_giant_patch16_gap_224", Gap(Giant with { Patch = 16 }, 224, 0.9) with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } }),
        .. Siglips(),
        ("vit_wee_patch16_reg1_gap_256", RegGap(new() { Width = 256, Heads = 4, Depth = 14, MlpRatio = 5 }, 1)),
        ("vit_little_patch16_reg1_gap_256", RegGap(new() { Width = 320, Heads = 5, Depth = 14, MlpRatio = 5.6 }, 1)),
        ("vit_little_patch16_reg4_gap_256", RegGap(new() { Width = 320, Heads = 5, Depth = 14, MlpRatio = 5.6 }, 4)),
        ("vit_medium_patch16_reg1_gap_256", RegGap(Medium, 1)),
        ("vit_medium_patch16_reg4_gap_256", RegGap(Medium, 4)),
        ("vit_mediumd_patch16_reg4_gap_256", RegGap(Medium with { Depth = 20 }, 4)),
        ("vit_mediumd_patch16_reg4_gap_384", At(RegGap(Medium with { Depth = 20 }, 4), 384)),
        ("vit_betwixt_patch16_reg1_gap_256", RegGap(Betwixt, 1)),
        ("vit_betwixt_patch16_reg4_gap_256", RegGap(Betwixt, 4)),
        ("vit_betwixt_patch16_reg4_gap_384", At(RegGap(Betwixt, 4), 384)),
        ("vit_base_patch16_reg4_gap_256", RegGap(Base, 4) with { LayerScale = null, Preprocessing = Preprocessing.Inception }),
        ("vit_so150m_patch16_reg4_gap_256", So150 with { InputSize = 256, Preprocessing = Preprocessing.Inception with { CropPct = 0.95 } }),
        ("vit_so150m_patch16_reg4_gap_384", At(So150, 384)),
        ("vit_so150m2_patch16_reg1_gap_256", At(So150M2, 256)),
        ("vit_so150m2_patch16_reg1_gap_384", At(So150M2, 384)),
        ("vit_so150m2_patch16_reg1_gap_448", Squash(At(So150M2, 448))),
        ("vit_so150m_patch16_reg4_map_256", So150 with { Pooling = Pooling.Attention, InputSize = 256 }),
        ("vit_base_patch16_224_miil", Base with { QkvBias = false, Preprocessing = new([0, 0, 0], [1, 1, 1], "bilinear", 0.875) }),
        ("vit_betwixt_patch32_clip_224", Clip(Betwixt with { Patch = 32 }, crop: 0.9)),
        ("vit_base_patch32_plus_256", Plus with { Patch = 32, InputSize = 256 }),
        ("vit_base_patch16_plus_240", Plus with { InputSize = 240 }),
        ("vit_base_patch16_rpn_224", Gap(Base, 224, 0.9) with { QkvBias = false, LayerScale = 1e-5, Form = Form.PostNorm, NormAfterPooling = true }),
        ("vit_small_patch16_36x1_224", Small with { Depth = 36, LayerScale = 1e-5 }),
        ("vit_small_patch16_18x2_224", Small with { Depth = 18, LayerScale = 1e-5, Form = Form.ParallelThings }),
        ("vit_base_patch16_18x2_224", Base with { Depth = 18, LayerScale = 1e-5, Form = Form.ParallelThings }),
        ("eva_large_patch14_196", EvaLarge with { InputSize = 196 }),
        ("eva_large_patch14_336", Squash(EvaLarge) with { InputSize = 336 }),
        ("flexivit_small", Flexible(Small)),
        ("flexivit_base", Flexible(Base)),
        ("flexivit_large", Flexible(Large)),
        ("vit_base_patch16_xp_224", Xp(Base)),
        ("vit_large_patch14_xp_224", Xp(Large with { Patch = 14 })),
        ("vit_huge_patch14_xp_224", Xp(Huge)),
        ("vit_base_patch14_reg1_tipsv2", Tips(Base)),
        ("vit_large_patch14_reg1_tipsv2", Tips(Large)),
        ("vit_so400m_patch14_reg1_tipsv2", Tips(So400 with { MlpRatio = 4304.0 / 1152 })),
        ("vit_giant_patch14_reg1_tipsv2", Tips(DinoGiant)),
        ("vit_dwee_patch16_reg1_gap_256", RegGap(new() { Width = 256, Heads = 4, Depth = 14, MlpRatio = 5, Differential = true }, 1)),
        ("vit_dlittle_patch16_reg1_gap_256", RegGap(new() { Width = 320, Heads = 5, Depth = 14, MlpRatio = 5.6, Differential = true }, 1)),
        ("vit_pwee_patch16_reg1_gap_256", RegGap(new() { Width = 256, Heads = 4, Depth = 16, MlpRatio = 5, Form = Form.ParallelScaling }, 1)),
        ("vit_dpwee_patch16_reg1_gap_256", RegGap(new() { Width = 256, Heads = 4, Depth = 16, MlpRatio = 5, Form = Form.DifferentialParallelScaling }, 1)),
        ("vit_intern300m_patch14_448", Large with
        {
            Patch = 14,
            LayerScale = 0.1,
            FinalNorm = false,
            InputSize = 448,
            Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
        }),
        .. Aims(),
        ("beit3_base_patch16_224", Beit3(Base)),
        ("beit3_large_patch16_224", Beit3(Large)),
        ("beit3_giant_patch14_224", Beit3(Giant with { MlpRatio = 4.3637 })),
        ("beit3_giant_patch14_336", Beit3(Giant with { MlpRatio = 4.3637, InputSize = 336 })),
        .. Tests(),
    ], Declare) with
    {
        Order = 8,
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,
        GenericPrefixes = ["flexivit", "aimv2", "beit3", "test_"],
        ShortNames = [("vit", new("vit_tiny", "vit_base"))],
    };

    private static Config At(Config config, int size) =>
        config with { InputSize = size, Preprocessing = config.Preprocessing with { CropPct = 1 } };

    private static Config Clip(Config config, int size = 224, double crop = 1) => config with
    {
        PreNorm = true,
        Epsilon = 1e-5,
        InputSize = size,
        Preprocessing = Preprocessing.Clip with { CropPct = crop },
    };

    private static Config Dino(Config config) => config with
    {
        Patch = 14,
        LayerScale = 1e-5,
        InputSize = 518,
        Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
    };

    private static Config Squash(Config config) => config with { Preprocessing = config.Preprocessing with { CropMode = "squash" } };

    private static Config Reg4(Config config) => config with { Registers = 4, PrefixPositionEmbedding = false };

    /// <summary>Returns a form without class token that pools by the mean over the patches.</summary>
    private static Config Gap(Config config, int size, double crop) => config with
    {
        ClassToken = false,
        Pooling = Pooling.Mean,
        InputSize = size,
        Preprocessing = Preprocessing.Inception with { CropPct = crop },
    };

    private static Config RegGap(Config config, int registers) => Gap(config, 256, 0.95) with
    {
        Registers = registers,
        PrefixPositionEmbedding = false,
        NormAfterPooling = true,
        LayerScale = 1e-5,
    };

    /// <summary>Returns FlexiViT, which supports many patch sizes (Beyer et al. 2023); the class token has no position embedding.</summary>
    private static Config Flexible(Config config) => config with
    {
        PrefixPositionEmbedding = false,
        BilinearPositionResampling = true,
        InputSize = 240,
        Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
    };

    private static Config Xp(Config config) => config with
    {
        PreNorm = true,
        PrefixPositionEmbedding = false,
        RmsNorm = true,
        QueryKeyNorm = true,
        QkvBias = false,
        Form = Form.ParallelScaling,
    };

    private static Config Tips(Config config) => config with
    {
        Patch = 14,
        LayerScale = 1,
        Registers = 1,
        PrefixPositionEmbedding = false,
        InputSize = 448,
        Preprocessing = new([0, 0, 0], [1, 1, 1], "bicubic", 1),
    };

    private static Config Beit3(Config config) => config with
    {
        InnerNorm = true,
        Epsilon = 1e-5,
        Pooling = Pooling.Mean,
        NormAfterPooling = true,
        Preprocessing = Preprocessing.ImageNet with { CropPct = 1 },
    };

    /// <summary>Returns timm's small test models, whose register token has a position embedding.</summary>
    private static IEnumerable<(string, Config)> Tests()
    {
        var first = new Config
        {
            Width = 64,
            Heads = 2,
            Depth = 6,
            MlpRatio = 3,
            InputSize = 160,
            Preprocessing = Preprocessing.Inception with { CropPct = 0.95 },
        };
        var scaled = first with { ClassToken = false, Registers = 1, LayerScale = 1e-5 };
        var mean = scaled with { Pooling = Pooling.Mean, NormAfterPooling = true };
        yield return ("test_vit", first);
        yield return ("test_vit2", mean with { Depth = 8 });
        yield return ("test_vit3", scaled with { Width = 96, Heads = 3, Depth = 9, MlpRatio = 2, Pooling = Pooling.Attention, PoolsPrefixTokens = true });
        yield return ("test_vit4", mean with { Width = 96, Heads = 3, Depth = 9, RmsNorm = true });
    }

    private static IEnumerable<(string, Config)> Aims()
    {
        (string Name, int Width, int Heads, double MlpRatio)[] towers =
            [("large", 1024, 8, 2.75), ("huge", 1536, 12, 2.6667), ("1b", 2048, 16, 2.75), ("3b", 3072, 24, 2.6667)];
        int[] sizes = [224, 336, 448];
        return from size in sizes
               from tower in towers
               select ($"aimv2_{tower.Name}_patch14_{size}", new Config
               {
                   Patch = 14,
                   Width = tower.Width,
                   Heads = tower.Heads,
                   Depth = 24,
                   MlpRatio = tower.MlpRatio,
                   AimV2 = true,
                   RmsNorm = true,
                   Epsilon = 1e-5,
                   QkvBias = false,
                   ClassToken = false,
                   Pooling = Pooling.Mean,
                   InputSize = size,
                   Preprocessing = Preprocessing.Clip,
               });
    }

    /// <summary>Returns SigLIP and SigLIP 2, each with attention pooling and, for fine-tuning, with mean pooling.</summary>
    private static IEnumerable<(string, Config)> Siglips()
    {
        (string Name, int Size, Config Config)[] towers =
        [
            ("vit_base_patch32", 256, Base with { Patch = 32, TanhGelu = true }),
            ("vit_base_patch16", 224, Base),
            ("vit_base_patch16", 256, Base),
            ("vit_base_patch16", 384, Base),
            ("vit_base_patch16", 512, Base),
            ("vit_large_patch16", 256, Large),
            ("vit_large_patch16", 384, Large),
            ("vit_large_patch16", 512, Large with { TanhGelu = true }),
            ("vit_so400m_patch14", 224, So400 with { Patch = 14 }),
            ("vit_so400m_patch14", 378, So400 with { Patch = 14 }),
            ("vit_so400m_patch14", 384, So400 with { Patch = 14, IgnoresRemainder = true }),
            ("vit_so400m_patch16", 256, So400 with { TanhGelu = true }),
            ("vit_so400m_patch16", 384, So400 with { TanhGelu = true }),
            ("vit_so400m_patch16", 512, So400 with { TanhGelu = true }),
            ("vit_giantopt_patch16", 256, GiantOpt),
            ("vit_giantopt_patch16", 384, GiantOpt),
        ];
        foreach (var (name, size, config) in towers)
        {
            yield return ($"{name}_siglip_{size}", Gap(config, size, 0.9) with { Pooling = Pooling.Attention });
            yield return ($"{name}_siglip_gap_{size}", Gap(config, size, config.IgnoresRemainder ? 1 : 0.9));
        }

        yield return ("vit_so400m_patch14_siglip_gap_448", Gap(So400 with { Patch = 14 }, 448, 1));
        yield return ("vit_so400m_patch14_siglip_gap_896", Gap(So400 with { Patch = 14 }, 896, 1));
    }

    // Follows timm's group_matcher, except that everything the blocks depend on belongs to the stem. timm puts norm_pre into the last block's
    // group, and learned rotary frequencies and shared biases into the head's, so that training only the head would still need a backward pass
    // through the whole network.
    internal static readonly LayerGroups GroupRules = LayerGroups.Create(
        "(?:cls|reg|dist)_token|pos_embed|patch_embed|embeds|norm_pre|rope|shared_rel_pos", (@"blocks\.(\d+)", null), ("norm", LayerGroups.WithPrevious));

    /// <summary>Declares the architecture of a configuration.</summary>
    /// <exception cref="RefusalException">The input size is not a multiple of the patch size.</exception>
    public static Architecture Declare(string name, Config config, ModelOptions options)
    {
        var cell = config.Patch * (config.Backbone?.Stride ?? 1);
        var size = options.InputSizeOr(name, config.InputSize, multipleOf: config.IgnoresRemainder ? 1 : cell);
        var root = ParameterScope.Root();
        long width = config.Width;
        var embed = config.Embedding is { } other ? other.Declare(root, config, size) : DeclareEmbedding(root, config, size);
        var side = size / cell;
        var relativeBias = DeclareRelativeBias(root["shared_rel_pos"], config, side);
        var blocks = Enumerable.Range(0, config.Depth).Select(block =>
        {
            var dropPath = Nn.DropPathAt(block, config.Depth, options.DropPath);
            var layerScale = config.LayerScale is null ? null : options.LayerScale ?? config.LayerScale;
            return DeclareBlock(root["blocks"][block], config, block, relativeBias, layerScale, dropPath);
        }).ToList();
        var norm = config.FinalNorm && !config.NormAfterPooling ? Norm(root["norm"], config, width) : null;
        var pool = config.Pooling switch
        {
            Pooling.Token => (_, tokens) => tokens.Select(1, 0),
            Pooling.Mean => MeanOverPatches(config.PrefixTokens),
            _ => OnlyPatches(
                config.PoolsPrefixTokens ? 0 : config.PrefixTokens,
                Nn.Over(
                    new TokenLayout(config.PoolsPrefixTokens ? config.PrefixTokens : 0, side, side),
                    Nn.AttentionPool(root["attn_pool"], width, config.Heads, (long)(width * config.MlpRatio), Activation(config), config.Epsilon))),
        };
        var normAfter = config.NormAfterPooling ? Norm(root["fc_norm"], config, width) : null;
        var classifier = Nn.Classifier(root["head"], width, options.Classes, config.Linear);
        var second = config.Distilled ? Nn.Classifier(root["head_dist"], width, options.Classes, LinearOptions.TruncatedNormal) : null;
        return new Architecture
        {
            Name = name,
            Options = options,
            InputSize = size,
            Preprocessing = config.Preprocessing,
            Tensors = root.ToTensors(GroupRules),
            Features = Nn.Sequential([embed, .. blocks.Select(block => Nn.Over(new TokenLayout(config.PrefixTokens, side, side), block)), norm]),
            Head = config.Distilled
                ? MeanOfTwoHeads(
                    Nn.Sequential(Nn.Dropout("head", options.Dropout), classifier), Nn.Sequential(Nn.Dropout("head_dist", options.Dropout), second))
                : Nn.Sequential(pool, normAfter, Nn.Dropout("head", options.Dropout), classifier),
            Classifier = "head",
            SecondClassifier = config.Distilled ? "head_dist" : null,
            FirstConvolution = config.Embedding?.FirstConvolution
                ?? (config.Backbone is { } backbone ? $"patch_embed.backbone.{backbone.FirstConvolution}" : "patch_embed.proj"),
        };
    }

    /// <summary>Averages the outputs of two heads on the first two tokens. timm applies no dropout to the tokens before them, even if requested.</summary>
    private static Layer MeanOfTwoHeads(Layer first, Layer second) =>
        Nn.Tidy((pass, tokens) => (first(pass, tokens.Select(1, 0)) + second(pass, tokens.Select(1, 1))) / 2);

    /// <summary>Returns mean pooling over the patches, (N, prefix + patches, C) to (N, C).</summary>
    internal static Layer MeanOverPatches(int prefix) => Nn.Tidy((_, tokens) => tokens.Narrow(1, prefix, tokens.Shape[1] - prefix).Mean([1]));

    private static Layer OnlyPatches(int prefix, Layer layer) =>
        prefix == 0 ? layer : Nn.Tidy((pass, tokens) => layer(pass, tokens.Narrow(1, prefix, tokens.Shape[1] - prefix)));

    /// <summary>Declares the embedding of images (N, 3, H, W) as tokens (N, class + registers + patches, C).</summary>
    internal static Layer DeclareEmbedding(ParameterScope root, Config config, int size)
    {
        long width = config.Width;
        var side = size / (config.Patch * (config.Backbone?.Stride ?? 1));
        TensorSlot? classToken = config.ClassToken ? root.Parameter("cls_token", [1, 1, width], config.TokenInitializer, ParameterOptions.NoDecay) : null;
        TensorSlot? registers = config.Registers == 0
            ? null
            : root.Parameter("reg_token", [1, config.Registers, width], config.TokenInitializer, ParameterOptions.NoDecay);
        var positions = DeclarePositions(root, config, side);
        TensorSlot? distilled = config.Distilled
            ? root.Parameter("dist_token", [1, 1, width], new Initializer.TruncatedNormal(0.02), ParameterOptions.NoDecay)
            : null;
        var embed = root["patch_embed"];
        var backbone = config.Backbone?.Declare(embed["backbone"]);
        var projection = config.Backbone is { Projects: false }
            ? null
            : Nn.Conv2d(embed["proj"], config.Backbone?.Channels ?? 3, width, new()
            {
                Kernel = config.Patch,
                Stride = config.Patch,
                Padding = 0,
                Bias = !config.PreNorm,
            });
        var patches = Nn.Sequential(backbone, projection);
        var patchNorm = config.AimV2 ? Norm(embed["norm"], config, width) : null;
        var norm = config.PreNorm ? Norm(root["norm_pre"], config, width) : null;
        return Nn.Tidy((pass, images) =>
        {
            CheckImages(images, size);
            var batch = images.Shape[0];
            var tokens = Nn.ChannelsToEnd(patches(pass, images)).Flatten(1, 2);
            tokens = patchNorm is null ? tokens : patchNorm(pass, tokens);
            var special = new[] { pass[classToken], pass[registers], pass[distilled] }.OfType<Value>();
            Value[] prefix = [.. special.Select(token => token.Expand(batch, -1, -1))];
            var x = (config.PrefixPositionEmbedding, pass[positions]) switch
            {
                (_, null) => Joined(tokens),
                (true, { } added) => Joined(tokens) + added,
                (false, { } added) => Joined(tokens + added),
            };
            return norm is null ? x : norm(pass, x);

            Value Joined(Value patches) => prefix.Length == 0 ? patches : Value.Concatenate([.. prefix, patches], 1);
        });
    }

    /// <summary>Declares the position embedding, or returns null if there is none.</summary>
    private static TensorSlot? DeclarePositions(ParameterScope root, Config config, int side)
    {
        if (!config.PositionEmbedding)
        {
            return null;
        }

        var prefix = config.PrefixPositionEmbedding ? config.PrefixTokens : 0;
        return root.Parameter(
            "pos_embed",
            [1, prefix + (side * side), config.Width],
            new Initializer.TruncatedNormal(0.02),
            new() { Decays = false, PositionGrid = new(prefix, config.BilinearPositionResampling) });
    }

    /// <summary>Checks that images have the size that the model was built for.</summary>
    /// <exception cref="ArgumentException">The images have another size.</exception>
    internal static void CheckImages(Value images, int size)
    {
        if (images.Shape[2] != size || images.Shape[3] != size)
        {
            throw new ArgumentException(
                $"expected images of {size} x {size} pixels, for which the model was built, got {images.Shape[3]} x {images.Shape[2]}",
                nameof(images));
        }
    }

    /// <summary>
    /// Returns the function that declares a block's biases for relative positions, or null without biases. Biases shared by all blocks are
    /// declared under <paramref name="shared"/>.
    /// </summary>
    private static Func<ParameterScope, AttentionBias>? DeclareRelativeBias(ParameterScope shared, Config config, int side)
    {
        if (config.RelativeBias is not { } options)
        {
            return null;
        }

        var gather = Nn.GatherRelativeBias(side);
        if (!config.SharedRelativeBias)
        {
            return scope => Declare(scope["rel_pos"]);
        }

        // Each block evaluates the network again, which costs little and works with checkpointing; the result is equal, including dropout.
        var bias = Declare(shared);
        return _ => bias;

        AttentionBias Declare(ParameterScope scope)
        {
            var patchBias = Nn.RelativeBias(scope, config.Heads, side, gather, options);

            // Pairs with tokens without a position have no bias.
            long[] padding = [config.PrefixTokens, 0, config.PrefixTokens, 0];
            return (pass, _) => config.PrefixTokens == 0 ? patchBias(pass) : patchBias(pass).Pad(padding);
        }
    }

    private static Layer Activation(Config config) => config.QuickGelu ? Nn.QuickGelu : config.TanhGelu ? Nn.GeluTanh : Nn.Gelu;

    private static Layer Norm(ParameterScope scope, Config config, long width, Initializer? gamma = null) =>
        config.RmsNorm ? Nn.RmsNorm(scope, width, config.Epsilon) : Nn.LayerNorm(scope, width, config.Epsilon, gamma);

    private static Layer DeclareBlock(
        ParameterScope scope,
        Config config,
        int block,
        Func<ParameterScope, AttentionBias>? relativeBias,
        double? layerScale,
        double dropPath) => config.Form switch
        {
            Form.ParallelScaling => DeclareParallelScaling(scope, config, layerScale, dropPath),
            Form.DifferentialParallelScaling => DeclareDifferentialParallelScaling(scope, config, block, layerScale, dropPath),
            Form.ParallelThings => DeclareParallelThings(scope, config, block, layerScale, dropPath),
            _ => DeclareSerial(scope, config, block, relativeBias, layerScale, dropPath),
        };

    private static Layer DeclareSerial(
        ParameterScope scope, Config config, int block, Func<ParameterScope, AttentionBias>? relativeBias, double? layerScale, double dropPath)
    {
        long width = config.Width;
        var postNorm = config.Form == Form.PostNorm;
        var gamma = postNorm && layerScale is { } initial ? new Initializer.Constant(initial) : null;
        var scale = postNorm ? null : layerScale;
        var branch1 = postNorm
            ? Nn.Sequential(DeclareAttention(scope["attn"], config, block, relativeBias), Norm(scope["norm1"], config, width, gamma))
            : Nn.Sequential(Norm(scope["norm1"], config, width), DeclareAttention(scope["attn"], config, block, relativeBias));
        var add1 = Nn.Residual($"{scope.Path}.1", dropPath, Scale(scope["ls1"], scale, width));
        var branch2 = postNorm
            ? Nn.Sequential(DeclareMlp(scope["mlp"], config, block), Norm(scope["norm2"], config, width, gamma))
            : Nn.Sequential(Norm(scope["norm2"], config, width), DeclareMlp(scope["mlp"], config, block));
        var add2 = Nn.Residual($"{scope.Path}.2", dropPath, Scale(scope["ls2"], scale, width));
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var attended = add1(pass, x, branch1(pass, x));
            return add2(pass, attended, branch2(pass, attended));
        }));
    }

    /// <summary>Declares two attentions in parallel, then two MLPs in parallel; each has its own normalisation, layer scale and drop path.</summary>
    private static Layer DeclareParallelThings(ParameterScope scope, Config config, int block, double? layerScale, double dropPath)
    {
        var attentions = Two("attns", "attn", inner => DeclareAttention(inner, config, block));
        var mlps = Two("ffns", "mlp", inner => DeclareMlp(inner, config, block));
        return Nn.Block(scope, Nn.Tidy((pass, x) => mlps(pass, attentions(pass, x))));

        Layer Two(string group, string part, Func<ParameterScope, Layer> declare)
        {
            var branches = Enumerable.Range(0, 2).Select(i =>
            {
                var inner = scope[group][i];
                var branch = Nn.Sequential(Norm(inner["norm"], config, config.Width), declare(inner[part]));
                return (Branch: branch, Add: Nn.Residual(inner.Path, dropPath, Scale(inner["ls"], layerScale, config.Width)));
            }).ToArray();
            return Nn.Tidy((pass, x) => branches.Aggregate(x, (sum, b) => b.Add(pass, sum, b.Branch(pass, x))));
        }
    }

    /// <summary>
    /// Declares a block in which one matrix computes the MLP's hidden layer, queries, keys and values, and the outputs of attention and MLP are
    /// added.
    /// </summary>
    private static Layer DeclareParallelScaling(ParameterScope scope, Config config, double? layerScale, double dropPath)
    {
        long width = config.Width;
        var (heads, hidden) = (config.Heads, (long)(width * config.MlpRatio));
        TensorSlot? hiddenBias = config.QkvBias ? null : scope.Parameter("mlp_bias", [hidden], Initializer.Zeros);
        var norm = Norm(scope["in_norm"], config, width);
        var matrix = Nn.Linear(scope["in_proj"], width, hidden + (3 * width), LinearOptions.TruncatedNormal with { Bias = config.QkvBias });
        var queryNorm = config.QueryKeyNorm ? Norm(scope["q_norm"], config, width / heads) : null;
        var keyNorm = config.QueryKeyNorm ? Norm(scope["k_norm"], config, width / heads) : null;
        var attentionOut = Nn.Linear(scope["attn_out_proj"], width, width, LinearOptions.TruncatedNormal);
        var mlpOut = Nn.Linear(scope["mlp_out_proj"], hidden, width, LinearOptions.TruncatedNormal);
        var add = Nn.Residual(scope.Path, dropPath, Scale(scope["ls"], layerScale, width));
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var parts = matrix(pass, norm(pass, x)).Split([hidden, width, width, width], -1);
            var inner = hiddenBias is { } added ? parts[0] + pass[added] : parts[0];
            var mixed = Nn.ScaledDotProductAttention(
                pass, scope.Path, Heads(pass, parts[1], queryNorm), Heads(pass, parts[2], keyNorm), Heads(pass, parts[3], null));
            var attended = attentionOut(pass, mixed.Transpose(1, 2).Reshape(x.Shape));
            return add(pass, x, attended + mlpOut(pass, Activation(config)(pass, inner)));
        }));

        Value Heads(ForwardContext pass, Value part, Layer? norm)
        {
            var split = part.Reshape(part.Shape[0], part.Shape[1], heads, width / heads);
            return (norm is null ? split : norm(pass, split)).Transpose(1, 2);
        }
    }

    /// <summary>
    /// Declares a block with differential attention in which one matrix computes the MLP's hidden layer, queries, keys and values, and another
    /// computes the output from the heads and the hidden layer.
    /// </summary>
    private static Layer DeclareDifferentialParallelScaling(ParameterScope scope, Config config, int block, double? layerScale, double dropPath)
    {
        long width = config.Width;
        var (heads, hidden) = (config.Heads, (long)(width * config.MlpRatio));
        var differential = Nn.DifferentialHeads(scope, width / heads, heads, block);
        var norm = Norm(scope["in_norm"], config, width);
        var matrix = Nn.Linear(scope["in_proj"], width, hidden + (3 * width), LinearOptions.TruncatedNormal);
        var headNorm = Nn.HeadNorm(scope, width / heads);
        var last = Nn.Linear(scope["out_proj"], width + hidden, width, LinearOptions.TruncatedNormal);
        var add = Nn.Residual(scope.Path, dropPath, Scale(scope["ls"], layerScale, width));
        return Nn.Block(scope, Nn.Tidy((pass, x) =>
        {
            var parts = matrix(pass, norm(pass, x)).Split([hidden, width, width, width], -1);
            var attended = differential(pass, parts[1], parts[2], parts[3], headNorm);
            return add(pass, x, last(pass, Value.Concatenate([attended, Activation(config)(pass, parts[0])], -1)));
        }));
    }

    private static Layer DeclareAttention(
        ParameterScope scope, Config config, int block, Func<ParameterScope, AttentionBias>? relativeBias = null) => config.Differential
        ? Nn.DifferentialAttention(scope, config.Width, config.Heads, block, config.QkvBias)
        : Nn.Attention(scope, config.Width, new()
        {
            Heads = config.Heads,
            QkvBias = config.QkvBias,
            ProjectionBias = !config.AimV2,
            InnerNorm = config.InnerNorm ? inner => Norm(inner, config, config.Width) : null,
            Bias = relativeBias,
            Linear = config.Linear,
            ProjectionInitializer = OutputInitializer(config, block),
        });

    /// <summary>Returns the initializer of a branch's output projection if it differs from the other layers; otherwise null.</summary>
    private static Initializer.TruncatedNormal? OutputInitializer(Config config, int block) =>
        config.FixInit ? new Initializer.TruncatedNormal(0.02 / Math.Sqrt(2.0 * (block + 1))) : null;

    private static Layer DeclareMlp(ParameterScope scope, Config config, int block)
    {
        long width = config.Width;
        var hidden = (long)(width * config.MlpRatio);
        return config switch
        {
            { AimV2: true } => Nn.SwiGlu(scope, width, hidden, new() { Bias = false, StartsNearOne = true }),
            { SwiGlu: true } => Nn.SwiGluPacked(scope, width, hidden / 2, new() { StartsNearOne = true }),
            _ => Nn.Mlp(scope, width, hidden, new()
            {
                Activation = Activation(config),
                Linear = config.Linear,
                Middle = config.InnerNorm ? inner => Norm(inner["norm"], config, hidden) : null,
                OutputInitializer = OutputInitializer(config, block),
            }),
        };
    }

    private static TensorSlot? Scale(ParameterScope scope, double? initial, long width) =>
        initial is { } value ? scope.Parameter("gamma", [width], new Initializer.Constant(value)) : null;
}

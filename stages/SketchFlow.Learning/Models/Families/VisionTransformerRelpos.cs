using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers with biases for relative positions instead of a position embedding; the biases come from a network over the logarithm
/// of the relative position (after Swin V2, Liu et al. 2022). Follows timm's <c>vision_transformer_relpos.py</c>.
/// </summary>
public static class VisionTransformerRelpos
{
    // The network has PyTorch's default initialisation and, unlike in MaxViT, weight decay.
    private static readonly RelativeBiasOptions Network =
        new() { Kind = RelativeBiasKind.Network, HiddenFeatures = 128, NetworkDecays = true, LayerOptions = (_, _) => new() };

    private static readonly VisionTransformer.Config Base = new()
    {
        Width = 768,
        Heads = 12,
        QkvBias = false,
        LayerScale = 1e-6,
        ClassToken = false,
        PositionEmbedding = false,
        RelativeBias = Network,
        Linear = new(),
        Pooling = VisionTransformer.Pooling.Mean,
    };

    private static readonly VisionTransformer.Config Medium = Base with { Width = 512, Heads = 8 };
    private static readonly VisionTransformer.Config Small = Base with { Width = 384, Heads = 6 };
    private static readonly VisionTransformer.Config Plus = Base with { Width = 896, Heads = 14, QkvBias = true };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<VisionTransformer.Config>("VisionTransformerRelpos",
    [
        ("vit_relpos_base_patch32_plus_rpn_256", PostNorm(Plus) with { Patch = 32, InputSize = 256 }),
        ("vit_relpos_base_patch16_plus_240", Plus with { InputSize = 240 }),
        ("vit_relpos_small_patch16_224", Small with { NormAfterPooling = true }),
        ("vit_relpos_medium_patch16_224", Medium with { NormAfterPooling = true }),
        ("vit_relpos_base_patch16_224", Base with { NormAfterPooling = true }),
        ("vit_srelpos_small_patch16_224", Shared(Small)),
        ("vit_srelpos_medium_patch16_224", Shared(Medium)),
        ("vit_relpos_medium_patch16_cls_224", Token(Medium) with { RelativeBias = Network with { HiddenFeatures = 256 } }),
        ("vit_relpos_base_patch16_cls_224", Token(Base)),
        ("vit_relpos_base_patch16_clsgap_224", Base with { ClassToken = true, NormAfterPooling = true }),
        ("vit_relpos_small_patch16_rpn_224", PostNorm(Small)),
        ("vit_relpos_medium_patch16_rpn_224", PostNorm(Medium)),
        ("vit_relpos_base_patch16_rpn_224", PostNorm(Base)),
    ], VisionTransformer.Declare) with
    {
        Order = 10,
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,
    };

    private static VisionTransformer.Config PostNorm(VisionTransformer.Config config) =>
        config with { Form = VisionTransformer.Form.PostNorm };

    private static VisionTransformer.Config Token(VisionTransformer.Config config) =>
        config with { ClassToken = true, Pooling = VisionTransformer.Pooling.Token };

    private static VisionTransformer.Config Shared(VisionTransformer.Config config) =>
        config with { SharedRelativeBias = true, RelativeBias = Network with { HiddenFeatures = config.Width } };
}

using SketchFlow.Learning.Models.Layers;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers with biases for relative places in the place of a position embedding, from a network over the logarithm of the
/// place (after Swin V2, Liu et al. 2022), as timm's <c>vision_transformer_relpos.py</c> has them.
/// </summary>
public static class VisionTransformerRelpos
{
    // Its network starts as PyTorch starts it and, other than in MaxViT, decays.
    private static readonly RelativeBiasOptions Network = new() { From = RelativePosition.Network, Features = 128, Decays = true, Network = (_, _) => new() };

    private static readonly VisionTransformer.Config Base = new()
    {
        Width = 768,
        Heads = 12,
        QkvBias = false,
        LayerScale = 1e-6,
        ClassToken = false,
        Positions = false,
        Places = Network,
        Matrices = new(),
        Pooling = VisionTransformer.Pooling.Mean,
    };

    private static readonly VisionTransformer.Config Medium = Base with { Width = 512, Heads = 8 };
    private static readonly VisionTransformer.Config Small = Base with { Width = 384, Heads = 6 };
    private static readonly VisionTransformer.Config Plus = Base with { Width = 896, Heads = 14, QkvBias = true };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<VisionTransformer.Config>("VisionTransformerRelpos",
    [
        ("vit_relpos_base_patch32_plus_rpn_256", Behind(Plus) with { Patch = 32, InputSize = 256 }),
        ("vit_relpos_base_patch16_plus_240", Plus with { InputSize = 240 }),
        ("vit_relpos_small_patch16_224", Small with { NormAfterPooling = true }),
        ("vit_relpos_medium_patch16_224", Medium with { NormAfterPooling = true }),
        ("vit_relpos_base_patch16_224", Base with { NormAfterPooling = true }),
        ("vit_srelpos_small_patch16_224", Shared(Small)),
        ("vit_srelpos_medium_patch16_224", Shared(Medium)),
        ("vit_relpos_medium_patch16_cls_224", Token(Medium) with { Places = Network with { Features = 256 } }),
        ("vit_relpos_base_patch16_cls_224", Token(Base)),
        ("vit_relpos_base_patch16_clsgap_224", Base with { ClassToken = true, NormAfterPooling = true }),
        ("vit_relpos_small_patch16_rpn_224", Behind(Small)),
        ("vit_relpos_medium_patch16_rpn_224", Behind(Medium)),
        ("vit_relpos_base_patch16_rpn_224", Behind(Base)),
    ], VisionTransformer.Declare) with
    {
        Recipe = DefaultRecipe.Same("vit_tiny"),
        FineTunesAsLarge = true,
    };

    private static VisionTransformer.Config Behind(VisionTransformer.Config config) => config with { Form = VisionTransformer.Form.NormBehind };

    private static VisionTransformer.Config Token(VisionTransformer.Config config) =>
        config with { ClassToken = true, Pooling = VisionTransformer.Pooling.Token };

    private static VisionTransformer.Config Shared(VisionTransformer.Config config) =>
        config with { SharedPlaces = true, Places = Network with { Features = config.Width } };
}

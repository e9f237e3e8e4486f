namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// DeiT and DeiT III (Touvron et al. 2021, 2022): vision transformers with other training; in DeiT III the class token has no position
/// embedding. Follows timm's <c>deit.py</c>.
/// </summary>
public static class Deit
{
    private static readonly VisionTransformer.Config Tiny = new() { Width = 192, Heads = 3, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } };
    private static readonly VisionTransformer.Config Small = Tiny with { Width = 384, Heads = 6 };
    private static readonly VisionTransformer.Config Base = Tiny with { Width = 768, Heads = 12 };
    private static readonly VisionTransformer.Config Large = Tiny with { Width = 1024, Heads = 16, Depth = 24 };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<VisionTransformer.Config>("Deit",
    [
        ("deit_tiny_patch16_224", Tiny),
        ("deit_small_patch16_224", Small),
        ("deit_base_patch16_224", Base),
        ("deit_base_patch16_384", At(Base, 384)),
        ("deit_tiny_distilled_patch16_224", Tiny with { Distilled = true }),
        ("deit_small_distilled_patch16_224", Small with { Distilled = true }),
        ("deit_base_distilled_patch16_224", Base with { Distilled = true }),
        ("deit_base_distilled_patch16_384", At(Base, 384) with { Distilled = true }),
        ("deit3_small_patch16_224", Three(Small)),
        ("deit3_small_patch16_384", At(Three(Small), 384)),
        ("deit3_medium_patch16_224", Three(Tiny with { Width = 512, Heads = 8 })),
        ("deit3_base_patch16_224", Three(Base)),
        ("deit3_base_patch16_384", At(Three(Base), 384)),
        ("deit3_large_patch16_224", Three(Large)),
        ("deit3_large_patch16_384", At(Three(Large), 384)),
        ("deit3_huge_patch14_224", Three(Tiny with { Patch = 14, Width = 1280, Heads = 16, Depth = 32 })),
    ], VisionTransformer.Declare) with
    { Order = 13 };

    private static VisionTransformer.Config Three(VisionTransformer.Config config) => config with { PrefixPositionEmbedding = false, LayerScale = 1e-6 };

    private static VisionTransformer.Config At(VisionTransformer.Config config, int size) =>
        config with { InputSize = size, Preprocessing = config.Preprocessing with { CropPct = 1 } };
}

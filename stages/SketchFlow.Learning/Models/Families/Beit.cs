namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// BEiT and BEiT v2 (Bao et al. 2022; Peng et al. 2022): EVA's blocks with biases for relative positions instead of a position embedding.
/// Follows timm's <c>beit.py</c>.
/// </summary>
public static class Beit
{
    private static readonly Eva.Config Base = new()
    {
        Patch = 16,
        Width = 768,
        Heads = 12,
        RelativePositionBias = true,
        PositionEmbedding = false,
        LayerScale = 0.1,
        Preprocessing = Preprocessing.Inception,
    };

    private static readonly Eva.Config Large = Base with { Width = 1024, Heads = 16, Depth = 24, LayerScale = 1e-5 };

    /// <summary>The family's architectures by timm's name.</summary>
    public static Family Family { get; } = Family.Create<Eva.Config>("Beit",
    [
        ("beit_base_patch16_224", Base),
        ("beit_base_patch16_384", At(Base, 384)),
        ("beit_large_patch16_224", Large),
        ("beit_large_patch16_384", At(Large, 384)),
        ("beit_large_patch16_512", At(Large, 512)),
        ("beitv2_base_patch16_224", Base with { LayerScale = 1e-5, Preprocessing = Preprocessing.ImageNet with { CropPct = 0.9 } }),
        ("beitv2_large_patch16_224", Large with { Preprocessing = Preprocessing.ImageNet with { CropPct = 0.95 } }),
    ], Eva.Declare) with
    { Order = 15 };

    private static Eva.Config At(Eva.Config config, int size) => config with { InputSize = size, Preprocessing = config.Preprocessing with { CropPct = 1 } };
}

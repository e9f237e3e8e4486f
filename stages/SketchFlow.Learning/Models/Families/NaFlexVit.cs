using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers whose position embedding is of one size and resampled for each image's (NaFlex: Tschannen et al. 2025, SigLIP 2;
/// factored: Dehghani et al. 2023, NaViT), as timm's <c>naflexvit.py</c> has them, for square images of one size.
/// </summary>
/// <remarks>Ratios other than 1 do not occur, and with them what tells timm's <c>par</c> (ratio preserving) forms from the others.</remarks>
public static class NaFlexVit
{
    // Patches along a side that the position embedding is for.
    private const int Grid = 16;

    private static readonly VisionTransformer.Config Base = new()
    {
        Width = 768,
        Heads = 12,
        ClassToken = false,
        StartsSmaller = true,
        Embedding = Tokens(Grid),
        InputSize = 384,
        Preprocessing = Preprocessing.Inception with { CropPct = 1 },
    };

    private static readonly VisionTransformer.Config Gap = Base with
    {
        LayerScale = 1e-5,
        Registers = 4,
        Pooling = VisionTransformer.Pooling.Mean,
        NormAfterPooling = true,
    };

    private static readonly VisionTransformer.Config Siglip = Base with { TanhGelu = true, Pooling = VisionTransformer.Pooling.Attention };
    private static readonly VisionTransformer.Config So150M2 = Gap with
    {
        Width = 832,
        Heads = 13,
        Depth = 21,
        MlpRatio = 34.0 / 13,
        QkvBias = false,
        Registers = 1,
    };

    /// <summary>All of them, by timm's name.</summary>
    public static Family Family { get; } = Family.Create<VisionTransformer.Config>("NaFlexVit",
    [
        ("naflexvit_base_patch16_gap", Gap),
        ("naflexvit_base_patch16_par_gap", Gap),
        ("naflexvit_base_patch16_parfac_gap", Gap with { Embedding = Tokens(Grid, factored: true) }),
        ("naflexvit_base_patch16_map", Map(Gap) with { Registers = 1 }),
        ("naflexvit_so150m2_patch16_reg1_gap", So150M2),
        ("naflexvit_so150m2_patch16_reg1_map", Map(So150M2)),
        ("naflexvit_base_patch16_siglip", Siglip),
        ("naflexvit_so400m_patch16_siglip", Siglip with { Width = 1152, Heads = 16, Depth = 27, MlpRatio = 3.7362 }),
    ], VisionTransformer.Declare);

    private static VisionTransformer.Config Map(VisionTransformer.Config config) =>
        config with { Pooling = VisionTransformer.Pooling.Attention, NormAfterPooling = false };

    /// <summary>Patches times a matrix, with resampled places, behind registers that have none.</summary>
    /// <param name="grid">Patches along a side that the position embedding is for.</param>
    /// <param name="factored">A place is the sum of its row's and its column's.</param>
    internal static VisionTransformer.Embedding Tokens(int grid, bool factored = false) =>
        new("embeds.proj", (root, config, size) => DeclareTokens(root["embeds"], config, size, grid, factored));

    private static Layer DeclareTokens(ParameterScope scope, VisionTransformer.Config config, int size, int grid, bool factored)
    {
        long width = config.Width;
        var (patch, side) = (config.Patch, size / config.Patch);
        TensorSlot? registers = config.Registers == 0 ? null : scope.Parameter("reg_token", [1, config.Registers, width], config.TokenStart, decays: false);
        var places = factored ? DeclareFactored(scope, width, grid, side) : DeclareGrid(scope, width, grid, side);

        // timm cuts the patches row by row, each pixel's channels together, as they lie in channels-last memory.
        var project = Nn.Linear(scope["proj"], 3 * patch * patch, width, config.Matrices);
        return Nn.Tidy((pass, images) =>
        {
            VisionTransformer.CheckImages(images, size);
            var patches = Nn.ToWindows(Nn.ChannelsToEnd(images), patch).reshape(images.shape[0], side * side, 3 * patch * patch);
            var tokens = project(pass, patches);
            tokens = pass.Tally is null ? tokens + places(pass).to(tokens.dtype) : tokens;
            return pass[registers] is { } some ? torch.cat([some.expand(images.shape[0], -1, -1), tokens], 1) : tokens;
        });
    }

    /// <summary>One place for each patch of a grid; other sides are resampled, bicubic with antialiasing.</summary>
    private static Func<ForwardContext, torch.Tensor> DeclareGrid(ParameterScope scope, long width, int grid, int side)
    {
        var places = scope.Parameter("pos_embed", [1, grid, grid, width], new Initializer.Normal(0.02), decays: false);
        return pass =>
        {
            var image = Nn.ChannelsToFront(pass[places]);
            var resampled = side == grid ? image : F.interpolate(image, [side, side], mode: torch.InterpolationMode.Bicubic, align_corners: false, antialias: true);
            return resampled.flatten(2).transpose(1, 2);
        };
    }

    /// <summary>A place for each row and one for each column; other sides are resampled in a straight line between two.</summary>
    private static Func<ForwardContext, torch.Tensor> DeclareFactored(ParameterScope scope, long width, int grid, int side)
    {
        // timm lets them decay, other than the grid.
        var (rows, columns) = (Line("pos_embed_y"), Line("pos_embed_x"));
        return pass => (Resampled(pass[rows]).unsqueeze(2) + Resampled(pass[columns]).unsqueeze(1)).flatten(1, 2);

        TensorSlot Line(string name) => scope.Parameter(name, [1, grid, width], new Initializer.Normal(0.02));

        torch.Tensor Resampled(torch.Tensor line) => side == grid
            ? line
            : F.interpolate(line.transpose(1, 2), [side], mode: torch.InterpolationMode.Linear, align_corners: false).transpose(1, 2);
    }
}

using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Families;

/// <summary>
/// Vision transformers with a position embedding of fixed size that is resampled for each image size (NaFlex: Tschannen et al. 2025,
/// SigLIP 2; factored: Dehghani et al. 2023, NaViT). Follows timm's <c>naflexvit.py</c>, for square images of one size.
/// </summary>
/// <remarks>Aspect ratios other than 1 do not occur, so that timm's aspect-ratio preserving forms (<c>par</c>) equal the others.</remarks>
public static class NaFlexVit
{
    // Number of patches along a side of the position embedding.
    private const int Grid = 16;

    private static readonly VisionTransformer.Config Base = new()
    {
        Width = 768,
        Heads = 12,
        ClassToken = false,
        FixInit = true,
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

    /// <summary>The family's architectures by timm's name.</summary>
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
    ], VisionTransformer.Declare) with
    { Order = 12 };

    private static VisionTransformer.Config Map(VisionTransformer.Config config) =>
        config with { Pooling = VisionTransformer.Pooling.Attention, NormAfterPooling = false };

    /// <summary>Returns an embedding of register tokens followed by linearly projected patches with resampled positions.</summary>
    /// <param name="grid">Number of patches along a side of the position embedding.</param>
    /// <param name="factored">Whether a position is the sum of a row embedding and a column embedding.</param>
    internal static VisionTransformer.Embedding Tokens(int grid, bool factored = false) =>
        new("embeds.proj", (root, config, size) => DeclareTokens(root["embeds"], config, size, grid, factored));

    private static Layer DeclareTokens(ParameterScope scope, VisionTransformer.Config config, int size, int grid, bool factored)
    {
        long width = config.Width;
        var (patch, side) = (config.Patch, size / config.Patch);
        TensorSlot? registers = config.Registers == 0
            ? null
            : scope.Parameter("reg_token", [1, config.Registers, width], config.TokenInitializer, ParameterOptions.NoDecay);
        var positions = factored ? DeclareFactored(scope, width, grid, side) : DeclareGrid(scope, width, grid, side);

        // timm flattens patches row by row with each pixel's channels together, the order of channels-last memory.
        var project = Nn.Linear(scope["proj"], 3 * patch * patch, width, config.Linear);
        return Nn.Tidy((pass, images) =>
        {
            VisionTransformer.CheckImages(images, size);
            var patches = Nn.ToWindows(Nn.ChannelsToEnd(images), patch).Reshape(images.Shape[0], side * side, 3 * patch * patch);
            var tokens = project(pass, patches);
            tokens += positions(pass).To(tokens.Type);
            return pass[registers] is { } some ? Value.Concatenate([some.Expand(images.Shape[0], -1, -1), tokens], 1) : tokens;
        });
    }

    /// <summary>Declares one position per patch of a grid, resampled to other sizes bicubically with antialiasing.</summary>
    private static Func<ForwardContext, Value> DeclareGrid(ParameterScope scope, long width, int grid, int side)
    {
        var positions = scope.Parameter("pos_embed", [1, grid, grid, width], new Initializer.Normal(0.02), ParameterOptions.NoDecay);
        return pass =>
        {
            var image = Nn.ChannelsToFront(pass[positions]);
            var resampled = side == grid
                ? image
                : image.Interpolate([side, side], torch.InterpolationMode.Bicubic);
            return resampled.Flatten(2).Transpose(1, 2);
        };
    }

    /// <summary>Declares one position per row and one per column, resampled to other sizes linearly.</summary>
    private static Func<ForwardContext, Value> DeclareFactored(ParameterScope scope, long width, int grid, int side)
    {
        // Unlike the grid, timm applies weight decay to them.
        var (rows, columns) = (Line("pos_embed_y"), Line("pos_embed_x"));
        return pass => (Resampled(pass[rows]).Unsqueeze(2) + Resampled(pass[columns]).Unsqueeze(1)).Flatten(1, 2);

        TensorSlot Line(string name) => scope.Parameter(name, [1, grid, width], new Initializer.Normal(0.02));

        Value Resampled(Value line) => side == grid
            ? line
            : line.Transpose(1, 2).Interpolate([side], torch.InterpolationMode.Linear).Transpose(1, 2);
    }
}

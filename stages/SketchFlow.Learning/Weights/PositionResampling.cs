using System.Collections.Immutable;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights.TensorFiles;
using TorchSharp;

namespace SketchFlow.Learning.Weights;

/// <summary>Resamples position embeddings and relative position tables of a file to the image or window size of a model.</summary>
internal static class PositionResampling
{
    /// <summary>Whether a tensor of shape <paramref name="found"/> can be resampled to the shape of <paramref name="spec"/>.</summary>
    public static bool Applies(ImmutableArray<long> found, TensorSpec spec) =>
        (spec.PositionGrid is { } grid && IsGrid(found, spec.Shape, grid))
        || (spec.IsRelativeBiasTable && IsRelativeTable(found, spec))
        || (spec.IsRelativeStepTable && IsRelativeLine(found, spec.Shape));

    /// <summary>Reads a tensor of a file and writes it resampled into <paramref name="tensor"/>.</summary>
    public static void Resample(TensorFile file, TensorEntry entry, TensorSpec spec, torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (spec.IsRelativeBiasTable)
        {
            ResizeRelativeTable(file, entry, spec, tensor);
            return;
        }

        var source = torch.empty([.. entry.Shape]);
        ModelWeights.Copy(file, entry, source);
        if (spec.IsRelativeStepTable)
        {
            // timm's get_rel_pos does the same at each use.
            var line = torch.nn.functional.interpolate(
                source.t().unsqueeze(0), [spec.Shape[0]], mode: torch.InterpolationMode.Linear, align_corners: false);
            tensor.copy_(line.squeeze(0).t());
            return;
        }

        ResampleGrid(source, entry.Shape, spec, tensor);
    }

    private static void ResampleGrid(torch.Tensor source, ImmutableArray<long> sourceShape, TensorSpec spec, torch.Tensor tensor)
    {
        var prefix = spec.PositionGrid!.PrefixTokens;
        var (from, to, width) = (GridSide(sourceShape), GridSide(spec.Shape), spec.Shape[^1]);

        // CLIP's ResNets store it without the batch dimension.
        source = source.reshape(1, -1, width);
        tensor = tensor.reshape(1, -1, width);
        var image = source.narrow(1, prefix, from * from).reshape(1, from, from, width).permute(0, 3, 1, 2);
        var resized = spec.PositionGrid.Bilinear
            ? torch.nn.functional.interpolate(image, [to, to], mode: torch.InterpolationMode.Bilinear, align_corners: false)
            : torch.nn.functional.interpolate(image, [to, to], mode: torch.InterpolationMode.Bicubic, align_corners: false, antialias: true);
        tensor.narrow(1, 0, prefix).copy_(source.narrow(1, 0, prefix));
        tensor.narrow(1, prefix, to * to).copy_(resized.permute(0, 2, 3, 1).reshape(1, to * to, width));

        long GridSide(ImmutableArray<long> shape) => shape.Length == 4 ? shape[1] : SquareSide(shape[^2] - prefix)!.Value;
    }

    private static unsafe void ResizeRelativeTable(TensorFile file, TensorEntry entry, TensorSpec spec, torch.Tensor tensor)
    {
        var source = new float[entry.Count];
        file.CopyTo(entry, 0, source.AsSpan());
        var headsLast = spec.Shape.Length == 2;
        var (heads, from, to) = headsLast
            ? (spec.Shape[1], (int)SquareSide(entry.Shape[0] - spec.ExtraRows)!.Value, (int)SquareSide(spec.Shape[0] - spec.ExtraRows)!.Value)
            : (spec.Shape[0], (int)entry.Shape[1], (int)spec.Shape[1]);
        var values = TensorMemory.Pointer<float>(tensor);
        var (headStride, stride) = headsLast ? (1, (int)heads) : (to * to, 1);
        var sourceHeadStride = headsLast ? 1 : from * from;
        for (var head = 0; head < heads; head++)
        {
            var table = new float[from * from];
            for (var i = 0; i < table.Length; i++)
            {
                table[i] = source[(head * sourceHeadStride) + (i * stride)];
            }

            var resized = RelativePositionResize.Stretch(table, from, to);
            for (var i = 0; i < resized.Length; i++)
            {
                values[(head * headStride) + (i * stride)] = resized[i];
            }
        }

        // Rows without an offset (class token to patches and back) follow the table and are copied unchanged.
        source.AsSpan()[^(spec.ExtraRows * (int)heads)..].CopyTo(new Span<float>(values, (int)spec.Count)[(to * to * (int)heads)..]);
    }

    private static bool IsGrid(ImmutableArray<long> found, ImmutableArray<long> expected, PositionGrid grid) =>
        found.Length == expected.Length && found[^1] == expected[^1] && (found.Length == 2 || found[0] == 1)
        && (found.Length == 4
            ? found[1] == found[2] && found[1] > 0
            : found.Length is 2 or 3 && SquareSide(found[^2] - grid.PrefixTokens) is not null);

    /// <summary>Whether the shape is (offsets, channels) with an odd number of offsets along one axis.</summary>
    private static bool IsRelativeLine(ImmutableArray<long> found, ImmutableArray<long> expected) =>
        found.Length == 2 && found[1] == expected[1] && found[0] % 2 == 1;

    /// <summary>
    /// Whether the shape is (offsets, heads) with a square number of offsets, or (heads, rows, columns) with equally many rows and columns; the
    /// number of heads must be equal and the sides odd.
    /// </summary>
    private static bool IsRelativeTable(ImmutableArray<long> found, TensorSpec expected) => (found.Length, expected.Shape.Length) switch
    {
        (2, 2) => found[1] == expected.Shape[1] && SquareSide(found[0] - expected.ExtraRows) is { } side && side % 2 == 1,
        (3, 3) => found[0] == expected.Shape[0] && found[1] == found[2] && found[1] % 2 == 1,
        _ => false,
    };

    private static long? SquareSide(long cells)
    {
        var side = (long)Math.Round(Math.Sqrt(Math.Max(0, cells)));
        return side > 0 && side * side == cells ? side : null;
    }
}

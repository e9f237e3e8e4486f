using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Onnx.Graphs;

namespace SketchFlow.Pipeline.Export.Graphs;

/// <summary>Adds the preparation of images to a graph: decoded images of any size become the squares that <see cref="PadResize"/> makes.</summary>
/// <remarks>
/// Every resampling is linear and separable. The weights of rows and columns are computed from the shape of the images, in integers where a rounding could
/// move a pixel, and applied as products of matrices, with the roundings of the resamplers: a few pixels per thousand differ by one level.
/// </remarks>
internal sealed class ResizeNodes
{
    private readonly OnnxGraph _graph;
    private readonly GraphValue _pixels;
    private readonly GraphValue _height;
    private readonly GraphValue _width;

    /// <summary>Declares the input of decoded images: 8-bit red, green and blue, (N, H, W, 3).</summary>
    /// <param name="graph">Receives the input and the nodes.</param>
    public ResizeNodes(OnnxGraph graph)
    {
        _graph = graph;
        _pixels = new GraphValue(graph, graph.AddInput(ExportedModelDescription.Images, OnnxType.UInt8, -1, OnnxGraph.AnyHeight, OnnxGraph.AnyWidth, 3));
        var shape = graph.AddNode("Shape", [_pixels.Name]);
        _height = new GraphValue(graph, graph.AddSlice(shape, 0, 1, 2));
        _width = new GraphValue(graph, graph.AddSlice(shape, 0, 2, 3));
    }

    /// <summary>Adds the preparation for one size.</summary>
    /// <param name="options">The size and the treatment of the aspect ratio.</param>
    /// <returns>Name of the images from 0 to 1, float32, (N, 3, Side, Side).</returns>
    public string Add(PadResizeOptions options) => (AddLevels(options) / 255.0).Name;

    private GraphValue AddLevels(PadResizeOptions options)
    {
        var (rows, columns) = (Axis(_height, options), Axis(_width, options));
        var resized = options.Interpolation == Interpolation.Area
            ? Interpolate(Average(rows, columns), rows, columns, options.Upsampling == Upsampling.Cubic)
            : Filter(rows, columns, options.Interpolation);
        return options.Fit != ResizeMode.Letterbox
            ? resized
            : (rows.Inside().AsColumn() & columns.Inside()).Choose(resized, resized.Constant((double)options.Fill));
    }

    private ResizedAxis Axis(GraphValue length, PadResizeOptions options)
    {
        var side = length.Constant((long)options.Side);
        switch (options.Fit)
        {
            case ResizeMode.Letterbox:
                // As there, in double precision, which decides about halves.
                var scale = side.Cast(OnnxType.Float64) / _height.Max(_width).Cast(OnnxType.Float64);
                var full = (length.Cast(OnnxType.Float64) * scale).Node("Round").Cast(OnnxType.Int64).Max(1).Min(side);
                return new ResizedAxis(length, full, length.Constant(0L) - ((side - full) / 2), options.Side);
            case ResizeMode.Stretch:
                return new ResizedAxis(length, side, length.Constant(0L), options.Side);
            default:
                var shorter = (long)Math.Floor(options.Side / options.CropPercent);
                var whole = options.CropMode == CropMode.Squash
                    ? length.Constant(shorter)
                    : length * shorter / _height.Min(_width);
                var half = (whole - side) / 2;
                // Halves are rounded to even numbers.
                var odd = (whole - side - (half * 2)) * (half - (half / 2 * 2));
                return new ResizedAxis(length, whole, half + odd, options.Side);
        }
    }

    // Rows first: the image keeps its order in memory until it is small.
    private GraphValue Average(ResizedAxis rows, ResizedAxis columns)
    {
        var lines = rows.AreaWeights(transposed: false).Node("MatMul", _pixels.Cast(OnnxType.Float32).Reshape(0, 0, -1));
        var planes = rows.LoseOnIdentity(lines).Reshape(0, rows.Averaged, -1, 3).Transpose(0, 3, 1, 2);
        return columns.LoseOnIdentity(planes.Node("MatMul", columns.AreaWeights(transposed: true))).RoundToLevels();
    }

    // OpenCV's arithmetic: columns first, in integers with 11 fraction bits, of which a linear interpolation drops four before it mixes rows.
    private static GraphValue Interpolate(GraphValue averaged, ResizedAxis rows, ResizedAxis columns, bool cubic)
    {
        const int RowDimension = 2;
        const int ColumnDimension = 3;
        var across = Sum(columns.Taps(cubic).Select(tap => averaged.Gather(tap.Place, ColumnDimension) * tap.Weight));
        if (cubic)
        {
            const double Scale = 1 << 22;
            var sum = Sum(rows.Taps(cubic).Select(tap => across.Gather(tap.Place, RowDimension) * tap.Weight.AsColumn()));
            return (sum / Scale).RoundToLevels();
        }

        var kept = (across / 16.0).Node("Floor").Cast(OnnxType.Int64);
        var mixed = Sum(rows.Taps(cubic).Select(tap => kept.Gather(tap.Place, RowDimension) * tap.Weight.AsColumn().Cast(OnnxType.Int64) / 65536));
        return ((mixed + 2) / 4).Cast(OnnxType.Float32);
    }

    private static GraphValue Sum(IEnumerable<GraphValue> values) => values.Aggregate((a, b) => a + b);

    // Pillow rounds after the columns and after the rows.
    private GraphValue Filter(ResizedAxis rows, ResizedAxis columns, Interpolation filter)
    {
        var planes = _pixels.Transpose(0, 3, 1, 2).Cast(OnnxType.Float32);
        var narrow = planes.Node("MatMul", columns.FilterWeights(filter, transposed: true)).RoundToLevels();
        return rows.FilterWeights(filter, transposed: false).Node("MatMul", narrow).RoundToLevels();
    }
}

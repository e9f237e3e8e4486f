using System.Collections.Immutable;
using SketchFlow.Learning.Inference;
using SketchFlow.Onnx.Graphs;

namespace SketchFlow.Pipeline.Export.Graphs;

/// <summary>Adds the views of test-time augmentation to a graph, and the mean over them.</summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="opset">Version of the operators.</param>
internal sealed class ViewNodes(OnnxGraph graph, int opset)
{
    private const int Rows = 2;
    private const int Columns = 3;

    /// <summary>Adds all views of the images, one view of all images after the other.</summary>
    /// <param name="images">Name of the images (N, 3, H, W).</param>
    /// <param name="prepared">Height and width of the images.</param>
    /// <param name="side">Height and width of the views.</param>
    /// <param name="views">The views.</param>
    /// <returns>Name of the views (views × N, 3, side, side).</returns>
    public string Add(string images, long prepared, long side, ImmutableArray<TtaView> views)
    {
        var names = views.Select(view => Add(images, prepared, side, view)).ToList();
        return names is [var only] ? only : graph.AddNode("Concat", names, [("axis", 0L)]);
    }

    /// <summary>Adds the mean over the views.</summary>
    /// <param name="values">Name of the values (views × N, width).</param>
    /// <param name="views">Number of views.</param>
    /// <param name="width">Number of values of an image.</param>
    /// <returns>Name of the means (N, width).</returns>
    public string Mean(string values, int views, long width) => views == 1
        ? values
        : graph.AddReduction("ReduceMean", graph.AddNode("Reshape", [values, graph.AddVector(views, -1, width)]), [0], keeps: false, opset);

    private string Add(string images, long prepared, long side, TtaView view)
    {
        var rest = prepared - side;
        var (top, left) = view.Position switch
        {
            CropPosition.Centre => (rest / 2, rest / 2),
            CropPosition.TopRight => (0, rest),
            CropPosition.BottomLeft => (rest, 0),
            CropPosition.BottomRight => (rest, rest),
            _ => (0L, 0L),
        };
        var seen = view.Position == CropPosition.Whole ? images : graph.AddSlice(graph.AddSlice(images, Rows, top, top + side), Columns, left, left + side);
        seen = view.Horizontal ? graph.AddSlice(seen, Columns, -1, long.MinValue, -1) : seen;
        return view.Vertical ? graph.AddSlice(seen, Rows, -1, long.MinValue, -1) : seen;
    }
}

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Where attention's biases for relative places come from.</summary>
public enum RelativePosition
{
    /// <summary>A table (heads, rows, columns): TensorFlow's form.</summary>
    TensorFlowTable,

    /// <summary>A table (places, heads): Swin's form.</summary>
    Table,

    /// <summary>A network over the logarithm of the place (timm's <c>rmlp</c>).</summary>
    Network,
}

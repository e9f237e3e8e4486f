namespace SketchFlow.Learning.Models.Layers;

/// <summary>Source of attention's biases for relative positions.</summary>
public enum RelativeBiasKind
{
    /// <summary>A table (heads, rows, columns): TensorFlow's form.</summary>
    TensorFlowTable,

    /// <summary>A table (positions, heads): Swin's form.</summary>
    Table,

    /// <summary>A network over the logarithm of the position (timm's <c>rmlp</c>).</summary>
    Network,
}

using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>Specification of a model's tensor: timm's name and shape, and its initializer.</summary>
/// <param name="Name">Name in timm's state dict, such as <c>layer1.0.conv1.weight</c>.</param>
/// <param name="Shape">Shape in timm's state dict; convolution weights are (out, in / groups, kH, kW).</param>
/// <param name="Role">Parameter, buffer or counter.</param>
/// <param name="Initializer">Distribution of a fresh tensor.</param>
public sealed record TensorSpec(string Name, ImmutableArray<long> Shape, TensorRole Role, Initializer Initializer)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>
    /// Whether weight decay applies: as in timm, to parameters of two or more dimensions unless the architecture exempts them (position
    /// embeddings, class tokens).
    /// </summary>
    public bool Decays { get; init; } = Role == TensorRole.Parameter && Shape.Length > 1;

    /// <summary>Depth for layer-wise learning-rate decay and freezing: 0 is the stem, and the classifier has the highest number.</summary>
    public int LayerGroup { get; init; }

    /// <summary>Layout of a position embedding, which loading resamples when the image size differs; null for other tensors.</summary>
    public PositionGrid? PositionGrid { get; init; }

    /// <summary>
    /// Whether the tensor is a table of biases for relative positions, (positions, heads) or (heads, 2 size - 1, 2 size - 1) for windows of
    /// a size; loading resizes it when the window differs.
    /// </summary>
    public bool IsRelativeBiasTable { get; init; }

    /// <summary>Number of rows at the end of such a table that belong to no position (pairs with the class token); loading copies them unchanged.</summary>
    public int ExtraRows { get; init; }

    /// <summary>Whether the rows are steps along one side of a window, (2 size - 1, C); loading resizes the tensor when the window differs.</summary>
    public bool IsRelativeStepTable { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({string.Join(", ", Shape)})";
}

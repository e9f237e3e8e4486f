using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>One tensor of a model: timm's name and shape, and how it starts.</summary>
/// <param name="Name">Name in timm's state dict, such as <c>layer1.0.conv1.weight</c>.</param>
/// <param name="Shape">Shape as timm stores it; convolution weights are (out, in / groups, kH, kW).</param>
/// <param name="Role">Parameter, buffer or counter.</param>
/// <param name="Start">The distribution that a fresh model draws it from.</param>
public sealed record TensorSpec(string Name, ImmutableArray<long> Shape, TensorRole Role, Initializer Start)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>
    /// Whether weight decay applies: as in timm, to parameters of two or more dimensions, unless the architecture
    /// exempts them (position embeddings, class tokens).
    /// </summary>
    public bool Decays { get; init; } = Role == TensorRole.Parameter && Shape.Length > 1;

    /// <summary>Depth for layer-wise learning-rate decay and freezing: 0 is the stem, the classifier the highest.</summary>
    public int LayerGroup { get; init; }

    /// <summary>Set for position embeddings: loading resamples them when the image size differs.</summary>
    public PositionGrid? Grid { get; init; }

    /// <summary>
    /// Whether it is a table of biases for relative places, (places, heads) or (heads, 2 size - 1, 2 size - 1) for windows of a size:
    /// loading stretches it when the window differs.
    /// </summary>
    public bool RelativePlaces { get; init; }

    /// <summary>Rows at the end of such a table that stand for no place (between class token and patches): loading takes them over as they are.</summary>
    public int RowsBesidePlaces { get; init; }

    /// <summary>Whether its rows are steps along one side of a window, (2 size - 1, C): loading stretches it when the window differs.</summary>
    public bool RelativeSteps { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({string.Join(", ", Shape)})";
}

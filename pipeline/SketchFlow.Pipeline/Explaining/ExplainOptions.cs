using System.Collections.Immutable;
using SketchFlow.Learning.Explanation;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>The methods and the classes of an explanation.</summary>
internal sealed record ExplainOptions
{
    /// <summary>The methods; empty for Grad-CAM, FinerCAM and, where there is attention, gradient-weighted attention.</summary>
    public ImmutableArray<SaliencyMethod> Methods { get; init; } = [];

    /// <summary>Name of the class to explain; null for the predicted one.</summary>
    public string? Class { get; init; }

    /// <summary>Name of the class that FinerCAM compares with; null for the image's own class if it is another one, else the three nearest.</summary>
    public string? Against { get; init; }
}

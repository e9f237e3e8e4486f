using System.Collections.Immutable;

namespace SketchFlow.Learning.Parity;

/// <summary>Result of comparing an architecture with timm's fixture.</summary>
/// <param name="Model">timm's architecture name.</param>
/// <param name="Parameters">Number of learned parameters here.</param>
/// <param name="ExpectedParameters">Number of learned parameters in timm.</param>
/// <param name="Error">
/// Maximum absolute difference of a logit, divided by the maximum absolute logit; NaN if tensors differ, so that nothing was computed.
/// </param>
/// <param name="Differences">A sentence for each tensor that differs in name, shape or type.</param>
public sealed record ParityResult(string Model, long Parameters, long ExpectedParameters, double Error, ImmutableArray<string> Differences)
{
    /// <summary>Largest error that rounding explains (parity/README.md).</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Whether names, shapes, types and counts are equal and the logits agree within <see cref="Tolerance"/>.</summary>
    public bool Agrees => Differences.IsEmpty && Parameters == ExpectedParameters && Error <= Tolerance;

    /// <inheritdoc/>
    public override string ToString()
    {
        var why = Differences.IsEmpty ? "" : $"; {string.Join("; ", Differences.Take(5))}{(Differences.Length > 5 ? $"; {Differences.Length - 5} more" : "")}";
        var verdict = Agrees ? "agrees" : "DIFFERS";
        return $"{Model}: {verdict}, {Parameters} parameters (timm {ExpectedParameters}), error {Error:0.0e+00}{why}";
    }
}

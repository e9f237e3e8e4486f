using System.Collections.Immutable;

namespace SketchFlow.Learning.Models.Parity;

/// <summary>How an architecture fared against timm's fixture.</summary>
/// <param name="Model">timm's architecture name.</param>
/// <param name="Parameters">Learned scalars here.</param>
/// <param name="ExpectedParameters">Learned scalars in timm.</param>
/// <param name="Error">Greatest difference of a logit over the greatest logit, both absolute; NaN where tensors differ and nothing was computed.</param>
/// <param name="Differences">Tensors that differ in name, shape or type, one sentence each.</param>
public sealed record ParityResult(string Model, long Parameters, long ExpectedParameters, double Error, ImmutableArray<string> Differences)
{
    /// <summary>Above this something other than rounding differs (parity/README.md).</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Whether names, shapes, types and count agree exactly and the logits to <see cref="Tolerance"/>.</summary>
    public bool Agrees => Differences.IsEmpty && Parameters == ExpectedParameters && Error <= Tolerance;

    /// <inheritdoc/>
    public override string ToString()
    {
        var why = Differences.IsEmpty ? "" : $"; {string.Join("; ", Differences.Take(5))}{(Differences.Length > 5 ? $"; {Differences.Length - 5} more" : "")}";
        var verdict = Agrees ? "agrees" : "DIFFERS";
        return $"{Model}: {verdict}, {Parameters} parameters (timm {ExpectedParameters}), error {Error:0.0e+00}{why}";
    }
}

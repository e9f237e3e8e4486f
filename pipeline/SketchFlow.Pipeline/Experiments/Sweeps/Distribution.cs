using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Machine;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Values of a parameter as a function of the unit interval: the inverse of the distribution function.</summary>
/// <remarks>Numbers are rounded to six significant digits, which a recipe in YAML keeps exactly.</remarks>
public sealed record Distribution
{
    private const int Digits = 6;

    /// <summary>Kind of the distribution.</summary>
    public DistributionKind Kind { get; init; }

    /// <summary>The value of a constant or the values of a list: null, bool, long, double, string, or lists and maps of them.</summary>
    public ImmutableArray<object?> Values { get; init; } = [];

    /// <summary>Probability of each of <see cref="Values"/>; empty if all are equally likely.</summary>
    public ImmutableArray<double> Probabilities { get; init; } = [];

    /// <summary>Lower bound.</summary>
    public double Min { get; init; }

    /// <summary>Upper bound.</summary>
    public double Max { get; init; } = 1;

    /// <summary>Mean of the Gaussian.</summary>
    public double Mu { get; init; }

    /// <summary>Standard deviation of the Gaussian.</summary>
    public double Sigma { get; init; } = 1;

    /// <summary>Quantum: all values are multiples of it; null for no rounding.</summary>
    public double? Q { get; init; }

    /// <summary>Whether there is only one value and nothing to search.</summary>
    public bool IsConstant => Kind == DistributionKind.Constant || (Kind == DistributionKind.Categorical && Values.Length == 1);

    /// <summary>Whether the values have no order: names, lists or maps.</summary>
    public bool IsUnordered => Kind == DistributionKind.Categorical && !Values.All(v => v is long or double);

    /// <summary>Number of values; null for infinitely many.</summary>
    public int? Count => Kind switch
    {
        DistributionKind.Constant => 1,
        DistributionKind.Categorical => Values.Length,
        DistributionKind.IntUniform => (int)Math.Min(int.MaxValue, Max - Min + 1),
        DistributionKind.Uniform when Multiples is { } m => (int)Math.Min(int.MaxValue, m.Last - m.First + 1),
        _ => null,
    };

    /// <summary>
    /// First and last multiple of <see cref="Q"/> within the bounds; null without a quantum or bounds. If there is none, the last is below the first.
    /// </summary>
    public (double First, double Last)? Multiples => Q is { } q && Bounds is { } bounds
        ? (Math.Ceiling((bounds.Low / q) - 1e-9), Math.Floor((bounds.High / q) + 1e-9))
        : null;

    private (double Low, double High)? Bounds => Kind switch
    {
        DistributionKind.LogUniform => (Math.Exp(Min), Math.Exp(Max)),
        DistributionKind.InvLogUniform => (Math.Exp(-Max), Math.Exp(-Min)),
        DistributionKind.LogUniformValues or DistributionKind.Uniform => (Min, Max),
        _ => null,
    };

    /// <summary>
    /// Whether the bounds of a log-uniform distribution, which are exponents of e as in W&amp;B, are plainly meant as values: both are above 0, and as
    /// exponents they would make a range that nobody searches, such as 1.0001 to 1.1 for 0.0001 to 0.1.
    /// </summary>
    public bool HasValuesAsExponents => Min > 0 && Kind switch
    {
        DistributionKind.LogUniform => Max <= 1 || Min < 0.1 || Max > 20,
        DistributionKind.InvLogUniform => Max <= 1,
        _ => false,
    };

    /// <summary>Clause with the range of values and the remedy, for bounds that look like values.</summary>
    public string ExponentWarning => string.Create(
        CultureInfo.InvariantCulture,
        $"is log_uniform from {Min} to {Max}. These are exponents of e, so that its values lie between {Bounds!.Value.Low:G4} and {Bounds.Value.High:G4}. "
        + $"For values between {Min} and {Max}, write distribution: log_uniform_values.");

    /// <summary>Returns the value at a point of the unit interval.</summary>
    /// <param name="unit">Point in [0, 1]; for an unbounded Gaussian, 0 and 1 are replaced by the nearest points inside.</param>
    public object? At(double unit) => Count is null ? ContinuousAt(unit) : ValueOf(Index(unit));

    /// <summary>Returns one of finitely many values.</summary>
    /// <param name="index">Index of the value, from 0.</param>
    public object? ValueOf(int index) => Kind switch
    {
        DistributionKind.Constant or DistributionKind.Categorical => Values[index],
        DistributionKind.IntUniform => (long)Min + index,
        _ => Multiple(Multiples!.Value.First + index),
    };

    /// <summary>Returns the index of the value at a point, for finitely many values.</summary>
    /// <param name="unit">Point in [0, 1].</param>
    public int Index(double unit) =>
        Kind == DistributionKind.Categorical && !Probabilities.IsEmpty ? WeightedIndex(unit) : Math.Min(Count!.Value - 1, (int)(unit * Count.Value));

    /// <summary>Returns the centre of the points that have the same value; for infinitely many values the point itself.</summary>
    /// <param name="unit">Point in [0, 1].</param>
    public double Snap(double unit) => Count is { } count ? (Index(unit) + 0.5) / count : unit;

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        DistributionKind.Constant => string.Create(CultureInfo.InvariantCulture, $"{Values[0] ?? "null"}"),
        DistributionKind.Categorical => $"one of {string.Join(", ", Values.Select(v => Convert.ToString(v ?? "null", CultureInfo.InvariantCulture)))}",
        DistributionKind.Normal or DistributionKind.LogNormal => string.Create(CultureInfo.InvariantCulture, $"{Name} with mean {Mu} and deviation {Sigma}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Name} from {Min} to {Max}{(Q is { } q ? $" in steps of {q}" : "")}"),
    };

    private string Name => Kind switch
    {
        DistributionKind.IntUniform => "whole numbers",
        DistributionKind.Uniform => "uniform",
        DistributionKind.LogUniform => "exp of uniform exponents",
        DistributionKind.LogUniformValues => "log-uniform",
        DistributionKind.InvLogUniform => "1 / exp of uniform exponents",
        DistributionKind.LogNormal => "log-normal",
        _ => "normal",
    };

    private int WeightedIndex(double unit)
    {
        var sum = 0.0;
        for (var i = 0; i < Probabilities.Length; i++)
        {
            sum += Probabilities[i];
            if (unit < sum && Probabilities[i] > 0)
            {
                return i;
            }
        }

        return Probabilities.LastIndexOf(Probabilities.Last(p => p > 0));
    }

    private object ContinuousAt(double unit)
    {
        var value = Kind switch
        {
            DistributionKind.Uniform => Between(Min, Max),
            DistributionKind.LogUniform => Math.Exp(Between(Min, Max)),
            DistributionKind.LogUniformValues => Math.Exp(Between(Math.Log(Min), Math.Log(Max))),
            DistributionKind.InvLogUniform => Math.Exp(-Between(Max, Min)),
            DistributionKind.Normal => Mu + (Sigma * NormalDistribution.Quantile(unit)),
            DistributionKind.LogNormal => Math.Exp(Mu + (Sigma * NormalDistribution.Quantile(unit))),
            _ => throw new InvalidOperationException($"{Kind} has no continuous values."),
        };
        if (Q is not { } q)
        {
            return Rounded(value);
        }

        var multiple = Math.Round(value / q);
        return Multiple(Multiples is { } multiples ? Math.Clamp(multiple, multiples.First, multiples.Last) : multiple);

        double Between(double low, double high) => low + ((high - low) * unit);
    }

    // Multiples of a whole number become a long, so that YAML writes 2 and not 2.0. CA1859 considers both branches numbers.
#pragma warning disable CA1859
    private object Multiple(double factor)
#pragma warning restore CA1859
    {
        var q = Q!.Value;
        if (q == Math.Floor(q))
        {
            return (long)(factor * q);
        }

        return Rounded(factor * q);
    }

    private static double Rounded(double value) => double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Globalization;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>A parameter's values as a function from the unit interval: the inverse of the distribution function.</summary>
/// <remarks>Numbers come out with six significant digits, which a recipe in YAML keeps exactly.</remarks>
public sealed record Distribution
{
    private const int Digits = 6;

    /// <summary>Its kind.</summary>
    public DistributionKind Kind { get; init; }

    /// <summary>The values of a constant (one) or a list: null, bool, long, double, string, or lists and maps of them.</summary>
    public ImmutableArray<object?> Values { get; init; } = [];

    /// <summary>The probability of each value; empty is evenly.</summary>
    public ImmutableArray<double> Probabilities { get; init; } = [];

    /// <summary>Lower bound.</summary>
    public double Min { get; init; }

    /// <summary>Upper bound.</summary>
    public double Max { get; init; } = 1;

    /// <summary>Mean of the Gaussian.</summary>
    public double Mu { get; init; }

    /// <summary>Standard deviation of the Gaussian.</summary>
    public double Sigma { get; init; } = 1;

    /// <summary>Values are multiples of it; null is all.</summary>
    public double? Q { get; init; }

    /// <summary>True where there is nothing to search.</summary>
    public bool IsConstant => Kind == DistributionKind.Constant || (Kind == DistributionKind.Categorical && Values.Length == 1);

    /// <summary>True where values have no order: names, or settings that are lists and maps.</summary>
    public bool IsUnordered => Kind == DistributionKind.Categorical && !Values.All(v => v is long or double);

    /// <summary>How many values there are; null is endlessly many.</summary>
    public int? Count => Kind switch
    {
        DistributionKind.Constant => 1,
        DistributionKind.Categorical => Values.Length,
        DistributionKind.IntUniform => (int)Math.Min(int.MaxValue, Max - Min + 1),
        DistributionKind.Uniform when Multiples is { } m => (int)Math.Min(int.MaxValue, m.Last - m.First + 1),
        _ => null,
    };

    /// <summary>The value at a place of the unit interval.</summary>
    /// <param name="unit">In [0, 1]; 0 and 1 themselves stand for the nearest places inside where a Gaussian has no end.</param>
    public object? At(double unit) => Count is { } count
        ? Nth(Kind == DistributionKind.Categorical && !Probabilities.IsEmpty ? Drawn(unit) : Math.Min(count - 1, (int)(unit * count)))
        : Number(Continuous(unit));

    /// <summary>The value of a number from 0, where there are finitely many.</summary>
    public object? Nth(int index) => Kind switch
    {
        DistributionKind.Constant or DistributionKind.Categorical => Values[index],
        DistributionKind.IntUniform => (long)Min + index,
        _ => Multiple(Multiples!.Value.First + index),
    };

    /// <summary>The place in the middle of those that have the same value; for endlessly many values the place itself.</summary>
    public double Snap(double unit) => Count is { } count ? (Index(unit) + 0.5) / count : unit;

    /// <summary>Which of finitely many values a place has.</summary>
    public int Index(double unit) => Kind == DistributionKind.Categorical && !Probabilities.IsEmpty ? Drawn(unit) : Math.Min(Count!.Value - 1, (int)(unit * Count.Value));

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        DistributionKind.Constant => string.Create(CultureInfo.InvariantCulture, $"{Values[0] ?? "null"}"),
        DistributionKind.Categorical => $"one of {string.Join(", ", Values.Select(v => Convert.ToString(v ?? "null", CultureInfo.InvariantCulture)))}",
        DistributionKind.Normal or DistributionKind.LogNormal => string.Create(CultureInfo.InvariantCulture, $"{Kind}({Mu}, {Sigma})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Kind}({Min} to {Max}{(Q is { } q ? $", q {q}" : "")})"),
    };

    private int Drawn(double unit)
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

    private double Continuous(double unit)
    {
        double Between(double low, double high) => low + ((high - low) * unit);
        return Kind switch
        {
            DistributionKind.Uniform => Between(Min, Max),
            DistributionKind.LogUniform => Math.Exp(Between(Min, Max)),
            DistributionKind.LogUniformValues => Math.Exp(Between(Math.Log(Min), Math.Log(Max))),
            DistributionKind.InvLogUniform => Math.Exp(-Between(Max, Min)),
            DistributionKind.Normal => Mu + (Sigma * Gauss.Quantile(unit)),
            DistributionKind.LogNormal => Math.Exp(Mu + (Sigma * Gauss.Quantile(unit))),
            _ => throw new InvalidOperationException($"{Kind} has no continuous values."),
        };
    }

    private object Number(double value)
    {
        if (Q is not { } q)
        {
            return Rounded(value);
        }

        // A multiple outside of the bounds is none that was asked for.
        var multiple = Math.Round(value / q);
        if (Multiples is { } multiples)
        {
            multiple = Math.Clamp(multiple, multiples.First, multiples.Last);
        }

        return Multiple(multiple);
    }

    /// <summary>The first and the last multiple of q within the bounds; null without q or bounds. The last is below the first where there is none.</summary>
    public (double First, double Last)? Multiples => Q is { } q && Bounds is { } bounds ? (Math.Ceiling((bounds.Low / q) - 1e-9), Math.Floor((bounds.High / q) + 1e-9)) : null;

    private (double Low, double High)? Bounds => Kind switch
    {
        DistributionKind.LogUniform => (Math.Exp(Min), Math.Exp(Max)),
        DistributionKind.InvLogUniform => (Math.Exp(-Max), Math.Exp(-Min)),
        DistributionKind.LogUniformValues or DistributionKind.Uniform => (Min, Max),
        _ => null,
    };

    // Multiples of a whole number are whole: a long, which a double would not be told from in YAML. The rule sees only that both are numbers.
#pragma warning disable CA1859
    private object Multiple(double times)
#pragma warning restore CA1859
    {
        var q = Q!.Value;
        if (q == Math.Floor(q))
        {
            return (long)(times * q);
        }

        return Rounded(times * q);
    }

    private static double Rounded(double value) => double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Globalization;

namespace SketchFlow.Pipeline.Studies;

/// <summary>Mean and standard deviation (of a sample: n - 1; 0 for one value) of a few numbers.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct Spread(double Mean, double Deviation, int Count)
{
    public static Spread operator *(double factor, Spread spread) => new(factor * spread.Mean, Math.Abs(factor) * spread.Deviation, spread.Count);

    /// <summary>Of the numbers; null where there are none.</summary>
    public static Spread? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var mean = values.Average();
        return new Spread(mean, values.Count == 1 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>The mean, with ± and the deviation where there are several numbers.</summary>
    /// <param name="format">Of the mean; the deviation has its digits.</param>
    public string ToString(string format)
    {
        var mean = Mean.ToString(format, CultureInfo.InvariantCulture);
        return Count == 1 ? mean : $"{mean} ± {Deviation.ToString(format.Split(';')[0].TrimStart('+'), CultureInfo.InvariantCulture)}";
    }
}

/// <summary>One setting over all of its seeds.</summary>
/// <param name="Setting">Its name.</param>
/// <param name="Says">What the name leaves open.</param>
/// <param name="Rows">Its trainings.</param>
internal sealed record StudySummary(string Setting, string Says, ImmutableArray<StudyRow> Rows)
{
    /// <summary>Those that were trained to the end.</summary>
    public ImmutableArray<StudyRow> Finished { get; } = [.. Rows.Where(r => r.State == StudyState.Finished)];

    /// <summary>Validation loss, nats; null while nothing is finished.</summary>
    public Spread? Loss => Spread.Of([.. Finished.Select(r => r.ValidationLoss!.Value)]);

    /// <summary>Validation accuracy in [0, 1]; null while nothing is finished.</summary>
    public Spread? Accuracy => Spread.Of([.. Finished.Select(r => r.ValidationAccuracy!.Value)]);

    /// <summary>Mean time of a training.</summary>
    public TimeSpan Time => Finished.IsEmpty ? TimeSpan.Zero : TimeSpan.FromTicks((long)Finished.Average(r => r.Time.Ticks));

    /// <summary>The settings of a table in the order in which they come first.</summary>
    public static ImmutableArray<StudySummary> Of(IEnumerable<StudyRow> rows) =>
        [.. rows.GroupBy(r => r.Setting, StringComparer.Ordinal).Select(g => new StudySummary(g.Key, g.First().Says, [.. g]))];

    /// <summary>What this setting has more than another, seed by seed; null where no seed was trained with both.</summary>
    public (Spread Loss, Spread Accuracy)? Minus(StudySummary other)
    {
        var pairs = Finished.Join(other.Finished, r => r.Seed, r => r.Seed, (mine, its) => (Loss: mine.ValidationLoss!.Value - its.ValidationLoss!.Value, Accuracy: mine.ValidationAccuracy!.Value - its.ValidationAccuracy!.Value)).ToList();
        return pairs.Count == 0 ? null : (Spread.Of([.. pairs.Select(p => p.Loss)])!.Value, Spread.Of([.. pairs.Select(p => p.Accuracy)])!.Value);
    }
}

using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>One setting over all of its seeds.</summary>
/// <param name="Setting">Its name.</param>
/// <param name="Says">What the name leaves open.</param>
/// <param name="Rows">Its trainings.</param>
internal sealed record StudySummary(string Setting, string Says, ImmutableArray<StudyRow> Rows)
{
    /// <summary>Those that were trained to the end.</summary>
    public ImmutableArray<StudyRow> Finished { get; } = [.. Rows.Where(r => r.State == StudyState.Finished)];

    /// <summary>Validation loss, nats; null while nothing is finished.</summary>
    public MeanAndDeviation? Loss => MeanAndDeviation.From([.. Finished.Select(r => r.ValidationLoss!.Value)]);

    /// <summary>Validation accuracy in [0, 1]; null while nothing is finished.</summary>
    public MeanAndDeviation? Accuracy => MeanAndDeviation.From([.. Finished.Select(r => r.ValidationAccuracy!.Value)]);

    /// <summary>Mean time of a training.</summary>
    public TimeSpan Time => Finished.IsEmpty ? TimeSpan.Zero : TimeSpan.FromTicks((long)Finished.Average(r => r.Time.Ticks));

    /// <summary>The settings of a table in the order in which they come first.</summary>
    public static ImmutableArray<StudySummary> From(IEnumerable<StudyRow> rows) =>
        [.. rows.GroupBy(r => r.Setting, StringComparer.Ordinal).Select(g => new StudySummary(g.Key, g.First().Says, [.. g]))];

    /// <summary>What this setting has more than another, seed by seed; null where no seed was trained with both.</summary>
    public (MeanAndDeviation Loss, MeanAndDeviation Accuracy)? Minus(StudySummary other)
    {
        var pairs = Finished.Join(other.Finished, r => r.Seed, r => r.Seed, (mine, its) => (Loss: mine.ValidationLoss!.Value - its.ValidationLoss!.Value, Accuracy: mine.ValidationAccuracy!.Value - its.ValidationAccuracy!.Value)).ToList();
        return pairs.Count == 0 ? null : (MeanAndDeviation.From([.. pairs.Select(p => p.Loss)])!.Value, MeanAndDeviation.From([.. pairs.Select(p => p.Accuracy)])!.Value);
    }
}

using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Results of one setting with all of its seeds.</summary>
/// <param name="Setting">Name of the setting.</param>
/// <param name="Detail">Description of the setting in addition to its name.</param>
/// <param name="Rows">One row per seed.</param>
internal sealed record StudySummary(string Setting, string Detail, ImmutableArray<StudyRow> Rows)
{
    /// <summary>Rows of complete trainings.</summary>
    public ImmutableArray<StudyRow> Finished { get; } = [.. Rows.Where(r => r.State == StudyState.Finished)];

    /// <summary>Validation loss in nats; null until a training is finished.</summary>
    public MeanAndDeviation? Loss => MeanAndDeviation.From([.. Finished.Select(r => r.ValidationLoss!.Value)]);

    /// <summary>Validation accuracy in [0, 1]; null until a training is finished.</summary>
    public MeanAndDeviation? Accuracy => MeanAndDeviation.From([.. Finished.Select(r => r.ValidationAccuracy!.Value)]);

    /// <summary>Mean duration of a training.</summary>
    public TimeSpan Time => Finished.IsEmpty ? TimeSpan.Zero : TimeSpan.FromTicks((long)Finished.Average(r => r.Time.Ticks));

    /// <summary>Groups rows by setting, in the order of first occurrence.</summary>
    public static ImmutableArray<StudySummary> From(IEnumerable<StudyRow> rows) =>
        [.. rows.GroupBy(r => r.Setting, StringComparer.Ordinal).Select(g => new StudySummary(g.Key, g.First().Detail, [.. g]))];

    /// <summary>Computes the differences to another setting, paired by seed; null if no seed was trained with both.</summary>
    /// <param name="other">The setting to subtract.</param>
    public (MeanAndDeviation Loss, MeanAndDeviation Accuracy)? DifferenceTo(StudySummary other)
    {
        var pairs = Finished.Join(
            other.Finished, r => r.Seed, r => r.Seed,
            (mine, its) => (
                Loss: mine.ValidationLoss!.Value - its.ValidationLoss!.Value,
                Accuracy: mine.ValidationAccuracy!.Value - its.ValidationAccuracy!.Value)).ToList();
        return pairs.Count == 0
            ? null
            : (MeanAndDeviation.From([.. pairs.Select(p => p.Loss)])!.Value, MeanAndDeviation.From([.. pairs.Select(p => p.Accuracy)])!.Value);
    }
}

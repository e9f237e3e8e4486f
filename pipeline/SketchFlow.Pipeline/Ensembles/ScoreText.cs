using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Formats scores for readers: shares as percent, log-losses as numbers.</summary>
internal static class ScoreText
{
    /// <summary>Formats a score.</summary>
    public static string Of(Objective objective, double score) =>
        objective == Objective.LogLoss ? score.ToString("0.0000", CultureInfo.InvariantCulture) : Percent.Text(score);

    /// <summary>Formats the two ends of an interval.</summary>
    public static string Range(Objective objective, Interval interval)
    {
        ArgumentNullException.ThrowIfNull(interval);
        return objective == Objective.LogLoss
            ? string.Create(CultureInfo.InvariantCulture, $"{interval.Low:0.0000} to {interval.High:0.0000}")
            : Percent.Range(interval.Low, interval.High);
    }

    /// <summary>Formats a score with its interval.</summary>
    public static string Of(Objective objective, Interval interval)
    {
        ArgumentNullException.ThrowIfNull(interval);
        return $"{Of(objective, interval.Score)} (95 % interval {Range(objective, interval)})";
    }

    /// <summary>Formats a difference of two scores, shares in percentage points.</summary>
    public static string Difference(Objective objective, double difference) => objective == Objective.LogLoss
        ? difference.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture)
        : Percent.Points(difference);
}

using System.Text.Json.Serialization;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The state of early stopping, as a resume file keeps it.</summary>
/// <param name="Mark">The score that the next epoch must exceed by <c>stopping.delta</c> to count as an improvement.</param>
/// <param name="Waited">Number of epochs since the last improvement.</param>
/// <param name="Best">Number of the best epoch, from 1; 0 before the first.</param>
/// <param name="Highest">The highest accuracy so far.</param>
/// <param name="Metric">The metric that <paramref name="Mark"/> is a score of; null in resume files of version 0.1.0.</param>
public sealed record EarlyStoppingState(double Mark, int Waited, int Best, double Highest, ValidationMetric? Metric = null)
{
    /// <summary>
    /// The metric of the state. Where the file does not name it, it follows from the sign of the mark, since scores are accuracies or negative losses; null
    /// if that is not known either.
    /// </summary>
    [JsonIgnore]
    public ValidationMetric? KnownMetric => Metric
        ?? (Mark > 0 ? ValidationMetric.Accuracy : Mark < 0 && !double.IsNegativeInfinity(Mark) ? ValidationMetric.Loss : null);
}

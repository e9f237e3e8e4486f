using System.Collections.Immutable;
using SketchFlow.Inference;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Reads answers from predictions.</summary>
internal static class PredictionAnswers
{
    /// <summary>Returns the most probable classes of one image, most probable first.</summary>
    /// <param name="prediction">The probabilities.</param>
    /// <param name="row">Row of the image.</param>
    /// <param name="classes">The classes, in the order of their numbers.</param>
    /// <param name="count">Number of classes.</param>
    public static ImmutableArray<ClassProbability> Top(this EnsemblePrediction prediction, int row, ImmutableArray<ClassName> classes, int count) =>
        TopClasses.Of(prediction.Row(row).ToArray(), prediction.Predictions[row], classes, count);
}

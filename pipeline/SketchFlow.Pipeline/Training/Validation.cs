using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training;

/// <summary>files ─> decode ─> pad-resize ─> batch ─> infer ─> metrics, over the validation images of a run.</summary>
/// <param name="recipe">How images are prepared.</param>
/// <param name="architecture">At the size at which it is validated.</param>
/// <param name="precision">What products are computed in.</param>
/// <param name="samples">The validation images.</param>
/// <param name="cache">Keeps them, decoded, from one measurement to the next.</param>
public sealed class Validation(Recipe recipe, Architecture architecture, ComputePrecision precision, IReadOnlyList<Sample> samples, ImageCache cache)
{
    private readonly Dictionary<long, int?> _targets = samples.ToDictionary(s => s.Id, s => s.Target);

    /// <summary>Measures a model. A rejected image counts as a uniform prediction, as it does in predict.</summary>
    /// <param name="model">Its weights.</param>
    /// <param name="rejected">Takes each image that could not be used.</param>
    /// <param name="cancellation">Ends it.</param>
    public ClassificationReport Measure(FlatModel model, Action<Rejected> rejected, CancellationToken cancellation)
    {
        var classes = architecture.Options.Classes;
        var inference = new InferenceStep(model, architecture.Preprocessing, precision);
        var logits = new List<float>(samples.Count * classes);
        var targets = new List<int>(samples.Count);
        ImageFlow.Batches(ImageFlow.Options(recipe, architecture) with { Cache = cache }, samples).Run(
            batch =>
            {
                logits.AddRange(inference.Logits(batch));
                targets.AddRange(batch.Samples.Select(s => s.Target ?? 0));
            },
            reason =>
            {
                rejected(reason);
                logits.AddRange(new float[classes]);
                targets.Add(_targets[reason.Id] ?? 0);
            },
            cancellation);
        return ClassificationMetrics.Evaluate([.. logits], classes, [.. targets], new MetricsOptions { K = Math.Min(5, classes) });
    }
}

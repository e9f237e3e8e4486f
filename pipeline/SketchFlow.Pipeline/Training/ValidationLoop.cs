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

/// <summary>Measures models on validation images: files ─> decode ─> pad-resize ─> batch ─> infer ─> metrics.</summary>
/// <param name="recipe">The preparation of the images.</param>
/// <param name="architecture">The network at the image size of validation.</param>
/// <param name="precision">The data type that products are computed in.</param>
/// <param name="samples">The validation images.</param>
/// <param name="cache">Keeps the decoded images from one measurement to the next.</param>
public sealed class ValidationLoop(Recipe recipe, Architecture architecture, ComputePrecision precision, IReadOnlyList<Sample> samples, ImageCache cache)
{
    private readonly Dictionary<long, int?> _targets = samples.ToDictionary(s => s.Id, s => s.Target);

    /// <summary>Measures a model. A rejected image counts as a uniform prediction, as in prediction.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="rejected">Receives each image that could not be used.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    public ValidationResult Measure(FlatModel model, Action<Rejected> rejected, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rejected);
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
                // A row without a label has no right answer.
                if (_targets[reason.Id] is { } target)
                {
                    logits.AddRange(new float[classes]);
                    targets.Add(target);
                }
            },
            cancellation);
        float[] all = [.. logits];
        int[] known = [.. targets];
        return new ValidationResult(ClassificationMetrics.Evaluate(all, classes, known, new MetricsOptions { K = Math.Min(5, classes) }), all, known);
    }
}

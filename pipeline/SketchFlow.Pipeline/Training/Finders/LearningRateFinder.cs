using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>
/// Learning rate range test (Smith, "Cyclical learning rates", WACV 2017): trains about a hundred steps while the learning rate grows from very small to
/// too large. The rate at which the loss falls fastest is a good peak rate.
/// </summary>
public static class LearningRateFinder
{
    private const double Smoothing = 0.98;

    /// <summary>Trains through the range, with the initial weights, augmentation, optimizer and frozen groups of the recipe; discards the weights.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="data">The images.</param>
    /// <param name="context">Device, log and progress display.</param>
    /// <param name="range">The learning rates.</param>
    /// <param name="cancellation">Stops the test.</param>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static ImmutableArray<LearningRatePoint> Run(
        Recipe recipe, DataSet data, JobContext context, LearningRateRange range, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(range);
        var setup = new TrainingSetup(recipe, data, context);
        using var learner = setup.CreateLearner(loadWeights: true);
        learner.Freeze(recipe.Finetune.FrozenBelow(0, Learner.Groups(learner.Model.Architecture)));
        var points = ImmutableArray.CreateBuilder<LearningRatePoint>(range.Steps);
        var (average, lowest) = (0.0, double.PositiveInfinity);
        using var bar = context.Progress("learning rates", range.Steps, "steps");
        for (var epoch = 0; ; epoch++)
        {
            var before = points.Count;
            using var batches = setup.StartBatches(epoch, 0, _ => { });
            while (batches.TryTake(out var batch, out _))
            {
                cancellation.ThrowIfCancellationRequested();
                var rate = range.At(points.Count);
                var loss = learner.Step(batch, rate).Loss;
                average = (Smoothing * average) + ((1 - Smoothing) * loss);
                var smoothed = average / (1 - Math.Pow(Smoothing, points.Count + 1));
                if (!double.IsFinite(smoothed))
                {
                    return points.ToImmutable();
                }

                points.Add(new LearningRatePoint(rate, loss, smoothed));
                lowest = Math.Min(lowest, smoothed);
                bar.Report(points.Count, $"rate {rate:0.0e0} loss {smoothed:0.000}");
                if (points.Count == range.Steps || smoothed > range.Diverged * lowest)
                {
                    return points.ToImmutable();
                }
            }

            if (points.Count == before)
            {
                throw new RefusalException("No training image could be used, so there is no loss to measure.");
            }
        }
    }

    /// <summary>
    /// Suggests a learning rate: the middle of the window, a tenth of the steps long, over which the smoothed loss falls fastest. The first and last steps
    /// are excluded.
    /// </summary>
    /// <remarks>
    /// The "steep" suggestion of Lightning and fastai compares neighbouring steps: with few images in small batches it finds a random fall at a rate that
    /// has no effect yet (7e-7 for a resnet18).
    /// </remarks>
    /// <param name="points">The steps, in ascending order of rates.</param>
    /// <param name="skipFirst">Number of first steps to exclude, whose average is still unstable.</param>
    /// <param name="skipLast">Number of last steps to exclude, in which the loss has started to diverge.</param>
    /// <returns>The rate; null if the loss never falls, or there are too few steps.</returns>
    public static double? Suggest(IReadOnlyList<LearningRatePoint> points, int skipFirst = 10, int skipLast = 1)
    {
        ArgumentNullException.ThrowIfNull(points);
        var (best, steepest) = (default(double?), 0.0);
        var reach = Math.Max(1, points.Count / 20);
        for (var i = skipFirst + reach; i + reach < points.Count - skipLast; i++)
        {
            // The least-squares slope of the window, except for a factor that all windows share.
            var slope = Enumerable.Range(-reach, (2 * reach) + 1).Sum(x => x * points[i + x].Smoothed);
            if (slope < steepest)
            {
                (best, steepest) = (points[i].LearningRate, slope);
            }
        }

        return best;
    }

    /// <summary>Formats the points as CSV.</summary>
    public static string Csv(IEnumerable<LearningRatePoint> points) =>
        CsvFile.Text(points.Select(p => new { learning_rate = p.LearningRate, loss = p.Loss, smoothed_loss = p.Smoothed }));
}

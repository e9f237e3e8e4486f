using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>
/// A fresh or pretrained model trained for a hundred steps whose rate grows from next to nothing to too much (Smith, "Cyclical learning rates",
/// WACV 2017): the rate at which the loss falls fastest is a good peak.
/// </summary>
public static class LearningRateFinder
{
    private const double Smoothing = 0.98;

    /// <summary>Trains through the range, from the recipe's weights, under its augmentation, optimiser and frozen groups. Nothing is kept.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="data">Its images.</param>
    /// <param name="device">Where tensors live.</param>
    /// <param name="range">The rates.</param>
    /// <param name="log">Takes a line for people.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static ImmutableArray<RatePoint> Run(Recipe recipe, DataSet data, ComputeDevice device, LearningRateRange range, Action<string> log, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(range);
        var flow = new TrainJob(recipe, data, new RunFolder("lr-find"), device, log);
        using var learner = flow.NewLearner(fresh: true);
        learner.Freeze(recipe.Finetune.FrozenBelow(0, SketchFlow.Learning.Training.Learner.Groups(learner.Model.Architecture)));
        var points = ImmutableArray.CreateBuilder<RatePoint>(range.Steps);
        var (average, lowest) = (0.0, double.PositiveInfinity);
        using var bar = Progress.Open("learning rates", range.Steps, "steps");
        for (var epoch = 0; ; epoch++)
        {
            var before = points.Count;
            using var run = flow.Training(epoch).Start(_ => { }, CancellationToken.None);
            while (run.TryTake(out var batch))
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

                points.Add(new RatePoint(rate, loss, smoothed));
                lowest = Math.Min(lowest, smoothed);
                bar.Report(points.Count, $"rate {rate:0.0e0} loss {smoothed:0.000}");
                if (points.Count == range.Steps || smoothed > range.Diverged * lowest)
                {
                    return points.ToImmutable();
                }
            }

            if (points.Count == before)
            {
                throw new RefusalException("No training image could be used, so there is no loss to follow.");
            }
        }
    }

    /// <summary>The rate in the middle of the stretch, a tenth of the steps long, over which the smoothed loss falls fastest; the first steps and the last are left out.</summary>
    /// <remarks>Lightning and fastai's "steep" look from one step to the next: on few images in small batches they find a chance fall where the rate does nothing yet (7e-7 for a resnet18).</remarks>
    /// <param name="points">In ascending order of rates.</param>
    /// <param name="skipFirst">Steps whose mean is still settling.</param>
    /// <param name="skipLast">Steps where it has begun to diverge.</param>
    /// <returns>Null where the loss never falls, or there are too few steps.</returns>
    public static double? Suggest(IReadOnlyList<RatePoint> points, int skipFirst = 10, int skipLast = 1)
    {
        ArgumentNullException.ThrowIfNull(points);
        var (best, steepest) = (default(double?), 0.0);
        var reach = Math.Max(1, points.Count / 20);
        for (var i = skipFirst + reach; i + reach < points.Count - skipLast; i++)
        {
            // The slope of the straight line through the stretch by least squares, but for a factor that all stretches share.
            var slope = Enumerable.Range(-reach, (2 * reach) + 1).Sum(x => x * points[i + x].Smoothed);
            if (slope < steepest)
            {
                (best, steepest) = (points[i].LearningRate, slope);
            }
        }

        return best;
    }

    /// <summary>The points as CSV.</summary>
    public static string Csv(IEnumerable<RatePoint> points) =>
        CsvFile.Text(points.Select(p => new { learning_rate = p.LearningRate, loss = p.Loss, smoothed_loss = p.Smoothed }));
}

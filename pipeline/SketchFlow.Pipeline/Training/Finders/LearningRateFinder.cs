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

    // A fall must exceed this many standard errors of a window's mean: the lowest of about ten independent windows is 1.5 below the mean by chance.
    private const double Margin = 5;

    private const int MinSteps = 20;

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
        setup.Check();
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
                var loss = learner.Step(batch, rate, setup.Weights?.Of(batch)).Loss;
                average = (Smoothing * average) + ((1 - Smoothing) * loss);
                var smoothed = average / (1 - Math.Pow(Smoothing, points.Count + 1));
                if (!double.IsFinite(smoothed))
                {
                    return points.Count > 0 ? points.ToImmutable() : throw new RefusalException(
                        $"The first loss, before any step, is {loss}, so there is no loss to measure; try --amp off.");
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
    /// Suggests a learning rate: the middle of the window, a tenth of the steps long, over which the loss falls fastest before its minimum; and the range over
    /// which it falls from one tenth to nine tenths of the way.
    /// </summary>
    /// <remarks>
    /// The loss of every step is noisy, and a fall counts only if it is larger than the noise of a window explains: over the range test of a small network
    /// with 24 classes and batches of 16 it is not, and the steepest fall was anywhere from 1e-6 to 2e-1. The windows are centred: an exponential average
    /// lags by fifty steps, half of the range. The "steep" suggestion of Lightning and fastai compares neighbouring steps, which are noisier still.
    /// </remarks>
    /// <param name="points">The steps, in ascending order of rates.</param>
    public static LearningRateSuggestion Suggest(IReadOnlyList<LearningRatePoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var reach = Reach(points.Count);
        if (points.Count < MinSteps)
        {
            return new LearningRateSuggestion();
        }

        var means = WindowMeans(points, reach);
        var first = points.Take(points.Count / 5).Average(p => p.Loss);
        var margin = Margin * Noise(points) / Math.Sqrt((2 * reach) + 1);
        // After the loss has risen above its first level, it may fall again, but the network has diverged.
        var rises = Enumerable.Range(points.Count / 5, points.Count - (points.Count / 5)).FirstOrDefault(i => means[i] > first + margin, -1);
        var result = new LearningRateSuggestion { RisesAt = rises < 0 ? null : points[rises].LearningRate };
        var end = rises < 0 ? points.Count - reach : rises;
        var lowest = Enumerable.Range(reach, end - reach).MinBy(i => means[i]);
        var fall = first - means[lowest];
        if (!(fall > margin))
        {
            return result;
        }

        var low = lowest;
        while (low > reach && means[low - 1] < first - (0.1 * fall))
        {
            low--;
        }

        var high = low;
        while (high < lowest && means[high] > first - (0.9 * fall))
        {
            high++;
        }

        var steepest = Enumerable.Range(low, high - low + 1).MinBy(i => Slope(points, i, reach));
        return result with { Rate = points[steepest].LearningRate, Low = points[low].LearningRate, High = points[high].LearningRate };
    }

    /// <summary>Smooths the losses by the mean of the window around each step, a tenth of the steps long; near the ends, of the steps that exist.</summary>
    public static double[] Smooth(IReadOnlyList<LearningRatePoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        return WindowMeans(points, Reach(points.Count));
    }

    private static int Reach(int steps) => Math.Max(1, steps / 20);

    private static double[] WindowMeans(IReadOnlyList<LearningRatePoint> points, int reach) =>
    [
        .. Enumerable.Range(0, points.Count).Select(i => Enumerable.Range(i - reach, (2 * reach) + 1)
            .Where(j => j >= 0 && j < points.Count).Average(j => points[j].Loss)),
    ];

    // The standard deviation of one loss, from the median difference of neighbours, on which falls and rises have little influence.
    private static double Noise(IReadOnlyList<LearningRatePoint> points)
    {
        double[] differences = [.. points.Zip(points.Skip(1), (a, b) => Math.Abs(b.Loss - a.Loss)).Order()];
        return differences[differences.Length / 2] / (0.6745 * Math.Sqrt(2));
    }

    // The least-squares slope of the window, except for a factor that all windows share.
    private static double Slope(IReadOnlyList<LearningRatePoint> points, int middle, int reach) =>
        Enumerable.Range(-reach, (2 * reach) + 1).Where(x => middle + x >= 0 && middle + x < points.Count).Sum(x => x * points[middle + x].Loss);

    /// <summary>Formats the points as CSV.</summary>
    public static string Csv(IEnumerable<LearningRatePoint> points) =>
        CsvFile.Text(points.Select(p => new { learning_rate = p.LearningRate, loss = p.Loss, smoothed_loss = p.Smoothed }));
}

using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>
/// Finds the largest batch size by training two steps at sizes of 1, 2, 4, … until memory is exhausted. On a GPU the allocation fails; on the CPU, where
/// the process would be killed, the next size is only tried if linear extrapolation of the last two predicts that it fits.
/// </summary>
public static class BatchSizeFinder
{
    private const int ImagesToLoad = 16;

    /// <summary>Tries batch sizes.</summary>
    /// <param name="recipe">The experiment: architecture, image size, precision and optimizer.</param>
    /// <param name="data">The data set; its first images are repeated to fill the batches.</param>
    /// <param name="context">The device.</param>
    /// <param name="limits">The memory and the largest size.</param>
    /// <param name="report">Receives the result of each size immediately.</param>
    /// <param name="cancellation">Stops the search between two sizes.</param>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static ImmutableArray<BatchSizeTrial> Run(
        Recipe recipe, DataSet data, JobContext context, BatchSizeLimits limits, Action<BatchSizeTrial> report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(report);
        var setup = new TrainingSetup(recipe, data, context with { Log = _ => { } });
        var below = recipe.Finetune.FrozenBelow(0, Learner.Groups(setup.Architecture));
        var smallestMap = BatchNormMap.FindSmallest(setup.Architecture, below);
        using var learner = setup.CreateLearner(loadWeights: true);
        learner.Freeze(below);
        var images = new List<Pixels>();
        var options = ImageFlow.Options(recipe, learner.Model.Architecture);
        ImageFlow.Images(options, [.. setup.Train.Take(ImagesToLoad)]).Batch("few", ImagesToLoad)
            .Run(few => images.AddRange(few.Select(p => p.Clone())), _ => { }, cancellation);
        if (images.Count == 0)
        {
            throw new RefusalException($"None of the first {ImagesToLoad} training images could be used, so no batch size can be tried.");
        }

        var trials = ImmutableArray.CreateBuilder<BatchSizeTrial>();
        var isCuda = context.Device.IsCuda;
        for (var size = 1; size <= Math.Min(limits.Largest, setup.Train.Count) && MayFit(trials, size, limits.MemoryBytes, isCuda); size *= 2)
        {
            cancellation.ThrowIfCancellationRequested();
            if (smallestMap?.Allows(size, recipe.Accumulation) == false)
            {
                continue;
            }

            var trial = Try(learner, images, size, isCuda);
            trials.Add(trial);
            report(trial);
            if (!trial.Fits)
            {
                break;
            }
        }

        return trials.ToImmutable();
    }

    /// <summary>Selects the largest size that fitted; null if none did.</summary>
    public static int? FindLargest(IEnumerable<BatchSizeTrial> trials, long budget) => Fitting(trials, budget).Select(t => (int?)t.BatchSize).Max();

    /// <summary>
    /// Selects the largest size that fitted and is at most a tenth of the training images, so that an epoch has ten steps or more; the smallest that fitted
    /// if all are larger; null if none fitted.
    /// </summary>
    /// <param name="trials">The sizes that were tried.</param>
    /// <param name="budget">Memory that the process may use, in bytes.</param>
    /// <param name="images">Number of training images.</param>
    public static int? Suggest(IReadOnlyList<BatchSizeTrial> trials, long budget, int images) =>
        Fitting(trials, budget).Where(t => t.BatchSize <= images / 10).Select(t => (int?)t.BatchSize).Max()
        ?? Fitting(trials, budget).Select(t => (int?)t.BatchSize).Min();

    /// <summary>
    /// Scales the learning rate of a recipe to another batch size: in proportion for SGD (Goyal et al., "Accurate, large minibatch SGD", 2017), by the square
    /// root for optimizers that divide by the gradient's size (Malladi et al., NeurIPS 2022).
    /// </summary>
    public static double ScaleRate(Recipe recipe, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var ratio = batchSize / (double)recipe.BatchSize;
        return recipe.Optimizer.LearningRate * (recipe.Optimizer is Sgd ? ratio : Math.Sqrt(ratio));
    }

    private static IEnumerable<BatchSizeTrial> Fitting(IEnumerable<BatchSizeTrial> trials, long budget) =>
        trials.Where(t => t.Fits && (t.PeakBytes is not { } bytes || bytes <= budget));

    /// <summary>Predicts, by linear extrapolation of the last two sizes, whether the next size stays within the budget.</summary>
    public static bool MayFit(IReadOnlyList<BatchSizeTrial> trials, int next, long budget, bool isCuda)
    {
        ArgumentNullException.ThrowIfNull(trials);
        if (isCuda || trials.Count == 0 || trials[^1].PeakBytes is not { } last)
        {
            return true;
        }

        if (trials.Count == 1)
        {
            // One size does not tell the fixed part; a second size is tried if the first leaves half of the budget.
            return last <= budget / 2;
        }

        var before = trials[^2];
        var bytesPerImage = Math.Max(0, (last - before.PeakBytes!.Value) / (double)(trials[^1].BatchSize - before.BatchSize));
        return last + (bytesPerImage * (next - trials[^1].BatchSize)) <= budget;
    }

    private static BatchSizeTrial Try(Learner learner, List<Pixels> images, int size, bool isCuda)
    {
        try
        {
            ProcessMemory.ResetPeak();
            var seconds = 0.0;
            for (var step = 0; step < 2; step++)
            {
                using var batch = PixelBatch.Stack([.. Enumerable.Range(0, size).Select(i => images[i % images.Count])]);
                var watch = Stopwatch.StartNew();
                learner.Step(batch, 1e-8);
                seconds = watch.Elapsed.TotalSeconds;
            }

            return new BatchSizeTrial(size, isCuda ? null : ProcessMemory.PeakBytes, size / seconds, Fits: true);
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return new BatchSizeTrial(size, null, 0, Fits: false);
        }
    }
}

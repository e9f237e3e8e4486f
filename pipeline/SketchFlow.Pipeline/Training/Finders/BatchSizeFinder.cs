using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>
/// Trains two steps at batch sizes of 1, 2, 4, … until memory is at its end. On a card that is found by running out; on the processor, where running
/// out ends the process, the next size is only tried if a line through the last two says that it fits.
/// </summary>
public static class BatchSizeFinder
{
    /// <summary>Tries sizes.</summary>
    /// <param name="recipe">The experiment: architecture, size, precision, optimiser.</param>
    /// <param name="data">Its images; a few of them are repeated.</param>
    /// <param name="device">Where tensors live.</param>
    /// <param name="budget">Bytes that the process may have on the processor.</param>
    /// <param name="largest">The largest size tried, where there are so many training images: a step cannot have more.</param>
    /// <param name="report">Takes each size as it is done.</param>
    /// <param name="cancellation">Ends it between two sizes.</param>
    /// <exception cref="RefusalException">No image could be used.</exception>
    public static ImmutableArray<BatchPoint> Run(
        Recipe recipe, DataSet data, ComputeDevice device, long budget, int largest, Action<BatchPoint> report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(report);
        var flow = new TrainJob(recipe, data, new RunFolder("batch-find"), device, _ => { });
        using var learner = flow.NewLearner(fresh: true);
        learner.Freeze(recipe.Finetune.FrozenBelow(0, Learner.Groups(learner.Model.Architecture)));
        var images = new List<Pixels>();
        var options = ImageFlow.Options(recipe, learner.Model.Architecture);
        var train = DataSource.Split(data, recipe).Train;
        ImageFlow.Images(options, [.. train.Take(16)]).Batch("few", 16)
            .Run(few => images.AddRange(few.Select(p => p.Clone())), _ => { }, cancellation);
        if (images.Count == 0)
        {
            throw new RefusalException("None of the first training images could be used, so there is nothing to try sizes with.");
        }

        var points = ImmutableArray.CreateBuilder<BatchPoint>();
        for (var size = 1; size <= Math.Min(largest, train.Count) && MayFit(points, size, budget, device.IsCuda); size *= 2)
        {
            cancellation.ThrowIfCancellationRequested();
            var point = Try(learner, images, size, device.IsCuda);
            points.Add(point);
            report(point);
            if (!point.Fits)
            {
                break;
            }
        }

        return points.ToImmutable();
    }

    /// <summary>The largest size that fitted; null where none did.</summary>
    public static int? Suggest(IEnumerable<BatchPoint> points, long budget) =>
        points.Where(p => p.Fits && (p.PeakBytes is not { } bytes || bytes <= budget)).Select(p => (int?)p.BatchSize).Max();

    /// <summary>Whether a line through the last two sizes stays within the budget at the next.</summary>
    public static bool MayFit(IReadOnlyList<BatchPoint> points, int next, long budget, bool isCuda)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (isCuda || points.Count == 0 || points[^1].PeakBytes is not { } last)
        {
            return true;
        }

        var before = points.Count > 1 ? points[^2] : new BatchPoint(0, 0, 0, true);
        var each = Math.Max(0, (last - before.PeakBytes!.Value) / (double)(points[^1].BatchSize - before.BatchSize));
        // From one point alone the fixed part is unknown; a second is then always worth trying while the first leaves half.
        return points.Count == 1 ? last <= budget / 2 : last + (each * (next - points[^1].BatchSize)) <= budget;
    }

    private static BatchPoint Try(Learner learner, List<Pixels> images, int size, bool isCuda)
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

            return new BatchPoint(size, isCuda ? null : ProcessMemory.PeakBytes, size / seconds, Fits: true);
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return new BatchPoint(size, null, 0, Fits: false);
        }
    }
}

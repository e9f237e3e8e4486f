using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Learning.Training;

namespace SketchFlow.Pipeline.Training.Planning;

/// <summary>The times of the first steps of a training: real batches through the real loader.</summary>
/// <param name="Seconds">Seconds of each step, the wait for its batch included.</param>
/// <param name="Images">Number of images per step.</param>
/// <param name="Waited">Seconds of all steps but the first that were spent waiting for data.</param>
public sealed record StepTiming(ImmutableArray<double> Seconds, int Images, double Waited)
{
    /// <summary>Seconds per image, without the first step, which also allocates memory and waits for the first batch.</summary>
    public double SecondsPerImage => Steady.Average() / Images;

    /// <summary>Share of the time that was spent waiting for data, without the first step.</summary>
    public double WaitShare => Seconds.Length > 1 ? Waited / Steady.Sum() : 0;

    private IEnumerable<double> Steady => Seconds.Length > 1 ? Seconds.Skip(1) : Seconds;

    /// <summary>Runs and times steps. The rate is so small that they do not matter, and nothing is stored.</summary>
    /// <param name="setup">The parts of the training.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="steps">Largest number of steps.</param>
    /// <param name="cancellation">Stops the measurement between two steps.</param>
    /// <returns>The times; null if no image could be used.</returns>
    internal static StepTiming? Measure(TrainingSetup setup, Learner learner, int steps, CancellationToken cancellation)
    {
        using var batches = setup.StartBatches(0, 0, _ => { });
        var seconds = ImmutableArray.CreateBuilder<double>();
        var (images, before) = (0, TimeSpan.Zero);
        while (seconds.Count < steps)
        {
            cancellation.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            if (!batches.TryTake(out var batch, out _))
            {
                break;
            }

            images = Math.Max(images, batch.Count);
            learner.Step(batch, 1e-8);
            seconds.Add(watch.Elapsed.TotalSeconds);
            before = seconds.Count == 1 ? batches.Waited : before;
        }

        return seconds.Count == 0 ? null : new StepTiming(seconds.ToImmutable(), images, (batches.Waited - before).TotalSeconds);
    }
}

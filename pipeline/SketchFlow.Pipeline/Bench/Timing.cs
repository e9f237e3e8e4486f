using System.Diagnostics;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures the duration of repeatable work.</summary>
public static class Timing
{
    /// <summary>Runs the work once as a warm-up, which selects kernels and allocates memory, and then repeatedly until both limits are reached.</summary>
    /// <param name="run">The work; it must be complete when the call returns, also on a GPU.</param>
    /// <param name="times">Lowest number of measurements.</param>
    /// <param name="seconds">Lowest total duration in seconds, without the warm-up.</param>
    /// <param name="cancellation">Stops between two measurements.</param>
    /// <returns>The duration of each measurement in seconds.</returns>
    /// <exception cref="OperationCanceledException">The measurement was cancelled.</exception>
    public static List<double> Measure(Action run, int times, double seconds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        run();
        var (durations, total, single) = (new List<double>(), Stopwatch.StartNew(), new Stopwatch());
        while (durations.Count < times || total.Elapsed.TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            single.Restart();
            run();
            durations.Add(single.Elapsed.TotalSeconds);
        }

        return durations;
    }

    /// <summary>Computes the median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

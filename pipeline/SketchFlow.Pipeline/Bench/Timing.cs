using System.Diagnostics;

namespace SketchFlow.Pipeline.Bench;

/// <summary>How long something takes that can be done again and again.</summary>
public static class Timing
{
    /// <summary>Does it once unmeasured, so that kernels are chosen and memory is there, and then until both limits are reached.</summary>
    /// <param name="run">What is measured; it must have ended when it returns, on a card too.</param>
    /// <param name="times">Times at least.</param>
    /// <param name="seconds">Seconds at least, the unmeasured one left out.</param>
    /// <param name="cancellation">Ends it between two times.</param>
    /// <returns>The seconds of each.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static List<double> Measure(Action run, int times, double seconds, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        run();
        var (each, all, one) = (new List<double>(), Stopwatch.StartNew(), new Stopwatch());
        while (each.Count < times || all.Elapsed.TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            one.Restart();
            run();
            each.Add(one.Elapsed.TotalSeconds);
        }

        return each;
    }
}

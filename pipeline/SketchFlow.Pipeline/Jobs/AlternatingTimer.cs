using System.Diagnostics;

namespace SketchFlow.Pipeline.Jobs;

/// <summary>Measures the speed of several implementations alternately, so that a change in the load of the machine affects all of them.</summary>
internal static class AlternatingTimer
{
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs each implementation for 200 ms per round, after one round for memory and caches.</summary>
    /// <param name="rounds">Number of rounds that count, an odd number.</param>
    /// <param name="implementations">The implementations; each is complete when its call returns.</param>
    /// <returns>Calls per second of each implementation: the median of the rounds.</returns>
    public static double[] Measure(int rounds, params IReadOnlyList<Action> implementations)
    {
        var rates = implementations.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (run, own) in implementations.Zip(rates))
            {
                var rate = Measure(run);
                if (round > 0)
                {
                    own.Add(rate);
                }
            }
        }

        return [.. rates.Select(own => own.Order().ElementAt(rounds / 2))];
    }

    private static double Measure(Action run)
    {
        var (calls, start) = (0, Stopwatch.GetTimestamp());
        do
        {
            run();
            calls++;
        }
        while (Stopwatch.GetElapsedTime(start) < _round);

        return calls / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

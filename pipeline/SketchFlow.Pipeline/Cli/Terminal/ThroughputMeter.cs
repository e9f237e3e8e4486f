namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>How fast work goes, and how long it still takes at that rate.</summary>
/// <param name="Total">How many items there are.</param>
/// <param name="Unit">What the items are, in the plural.</param>
/// <param name="From">Items that were done before the watch started.</param>
public sealed record ThroughputMeter(long Total, string Unit, long From)
{
    /// <summary>Rate and remaining time, as text; the rate alone where nothing was done yet.</summary>
    /// <param name="done">Items done, those before among them.</param>
    /// <param name="elapsed">Time since the watch started.</param>
    public string After(long done, TimeSpan elapsed)
    {
        if (done <= From || elapsed <= TimeSpan.Zero)
        {
            return $"0 {Unit}/s";
        }

        var left = elapsed * ((double)(Total - done) / (done - From));
        var time = left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss}" : $"{left:mm\\:ss}";
        return $"{(done - From) / elapsed.TotalSeconds:0} {Unit}/s, {time} left";
    }
}

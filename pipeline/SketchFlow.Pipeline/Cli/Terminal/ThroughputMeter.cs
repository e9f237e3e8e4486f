namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>Rate of an operation, and the remaining time at that rate.</summary>
/// <param name="Total">Number of items.</param>
/// <param name="Unit">Name of the items, in the plural.</param>
/// <param name="From">Number of items finished before the measurement started.</param>
public sealed record ThroughputMeter(long Total, string Unit, long From)
{
    // The rate of a few items adds nothing to the remaining time.
    private const int FewItems = 100;

    /// <summary>Formats rate and remaining time, of a few items only the time; empty if no item is finished yet.</summary>
    /// <param name="done">Number of finished items, including <see cref="From"/>.</param>
    /// <param name="elapsed">Time since the measurement started.</param>
    public string Format(long done, TimeSpan elapsed)
    {
        if (done <= From || elapsed <= TimeSpan.Zero)
        {
            return "";
        }

        var remaining = elapsed * ((double)(Total - done) / (done - From));
        var time = remaining.TotalHours >= 1 ? $"{(int)remaining.TotalHours}:{remaining:mm\\:ss}" : $"{remaining:mm\\:ss}";
        var rate = (done - From) / elapsed.TotalSeconds;
        var text = rate < 10 ? $"{rate:0.#}" : $"{rate:0}";
        return Total < FewItems ? $"{time} left" : $"{text} {(text == "1" ? Unit.TrimEnd('s') : Unit)}/s, {time} left";
    }
}

using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

public sealed class ThroughputMeterTests
{
    [Theory]
    [InlineData(100, 0, 50, 10, "5 images/s, 00:10 left")]
    [InlineData(1886, 640, 864, 10, "22 images/s, 00:45 left")] // Resumed: the items of the earlier process do not count towards the rate.
    [InlineData(100, 0, 100, 10, "10 images/s, 00:00 left")]
    [InlineData(72_010, 0, 10, 1, "10 images/s, 2:00:00 left")]
    [InlineData(100, 0, 10, 10, "1 image/s, 01:30 left")]
    [InlineData(12, 0, 8, 6, "00:03 left")] // Few items differ in cost, so that a rate says nothing.
    [InlineData(100, 40, 40, 10, "")]
    [InlineData(100, 0, 5, 0, "")]
    public void Rate_and_remaining_time_are_those_of_this_process(long total, long from, long done, int seconds, string text) =>
        Assert.Equal(text, new ThroughputMeter(total, "images", from).Format(done, TimeSpan.FromSeconds(seconds)));
}

using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public sealed class DurationTests
{
    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(45, "45 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(840, "14 min")]
    [InlineData(4_800, "1 h 20 min")]
    [InlineData(183_600, "2 d 3 h")]
    public void Durations_have_their_two_largest_units(double seconds, string text) => Assert.Equal(text, Duration.Text(TimeSpan.FromSeconds(seconds)));
}

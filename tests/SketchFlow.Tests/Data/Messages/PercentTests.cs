using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public sealed class PercentTests
{
    [Theory]
    [InlineData(0.7123, "71.23 %")]
    [InlineData(1.0, "100.00 %")]
    [InlineData(0.0, "0.00 %")]
    [InlineData(double.NaN, "-")]
    [InlineData(null, "-")]
    public void Shares_are_percent_with_two_digits(double? share, string text) => Assert.Equal(text, Percent.Text(share));

    [Fact]
    public void Intervals_and_differences_have_two_digits_as_well() =>
        Assert.Equal(("69.10 to 73.05 %", "+1.25", "-0.50"), (Percent.Range(0.691, 0.7305), Percent.Points(0.0125), Percent.Points(-0.005)));
}

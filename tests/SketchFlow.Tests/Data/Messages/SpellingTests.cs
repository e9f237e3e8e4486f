using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public sealed class SpellingTests
{
    private static readonly string[] Known = ["image_size", "epochs", "loss", "optimizer"];

    [Theory]
    [InlineData("imge_size", " (is image_size meant?)")]
    [InlineData("ImageSize", " (is image_size meant?)")]
    [InlineData("optimiser", " (is optimizer meant?)")]
    [InlineData("epoch", " (is epochs meant?)")]
    [InlineData("lr", "")]
    [InlineData("", "")]
    public void A_name_that_is_nearly_known_is_asked_about(string written, string question) => Assert.Equal(question, Spelling.DidYouMean(written, Known));

    [Fact]
    public void Where_nothing_is_known_nothing_is_meant() => Assert.Equal("", Spelling.DidYouMean("epochs", []));

    [Property]
    public void A_known_name_is_the_nearest_to_itself(byte pick) => Assert.Equal(Known[pick % Known.Length], Spelling.Nearest(Known[pick % Known.Length], Known, 1).Single());

    [Property]
    public void The_nearest_are_known_names_each_once(NonNull<string> name, byte count)
    {
        var nearest = Spelling.Nearest(name.Get, Known, count);
        Assert.Equal(Math.Min(count, Known.Length), nearest.Distinct().Count());
        Assert.All(nearest, n => Assert.Contains(n, Known));
    }
}

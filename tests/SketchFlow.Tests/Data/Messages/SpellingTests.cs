using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public sealed class SpellingTests
{
    private static readonly string[] Known = ["image_size", "epochs", "loss", "optimizer"];

    [Theory]
    [InlineData("imge_size", " (did you mean 'image_size'?)")]
    [InlineData("ImageSize", " (did you mean 'image_size'?)")]
    [InlineData("optimiser", " (did you mean 'optimizer'?)")]
    [InlineData("epoch", " (did you mean 'epochs'?)")]
    [InlineData("epohcs", " (did you mean 'epochs'?)")]
    [InlineData("imag", " (did you mean 'image_size'?)")]
    [InlineData("lr", "")]
    [InlineData("im", "")]
    [InlineData("", "")]
    public void A_misspelt_name_gets_a_suggestion(string written, string suggestion) => Assert.Equal(suggestion, Spelling.DidYouMean(written, Known));

    [Fact]
    public void Without_known_names_there_is_no_suggestion() => Assert.Equal("", Spelling.DidYouMean("epochs", []));

    [Property]
    public void A_known_name_is_the_nearest_to_itself(byte pick)
    {
        var name = Known[pick % Known.Length];
        Assert.Equal(name, Spelling.Nearest(name, Known, 1).Single());
    }

    [Property]
    public void Any_text_gets_a_known_name_or_none(NonNull<string> name) =>
        Assert.True(Spelling.Suggest(name.Get, Known) is not { } near || Known.Contains(near));

    [Property]
    public void An_exchange_of_neighbours_is_one_difference(byte pick, byte at)
    {
        var name = Known[pick % Known.Length];
        var i = at % (name.Length - 1);
        var exchanged = string.Concat(name.AsSpan(0, i), [name[i + 1], name[i]], name.AsSpan(i + 2));
        Assert.Equal(name, Spelling.Suggest(exchanged, Known));
    }

    [Property]
    public void The_nearest_are_known_names_each_once(NonNull<string> name, byte count)
    {
        var nearest = Spelling.Nearest(name.Get, Known, count);
        Assert.Equal(Math.Min(count, Known.Length), nearest.Distinct().Count());
        Assert.All(nearest, n => Assert.Contains(n, Known));
    }
}

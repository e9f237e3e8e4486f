using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public sealed class PluralTests
{
    [Theory]
    [InlineData(0, "0 images")]
    [InlineData(1, "1 image")]
    [InlineData(2400, "2,400 images")]
    public void A_noun_has_an_s_except_after_one(long count, string text) => Assert.Equal(text, Plural.Of(count, "image"));

    [Fact]
    public void A_verb_follows_its_noun()
    {
        Assert.Equal("1 input was", Plural.Of(1, "input was", "inputs were"));
        Assert.Equal("3 inputs were", Plural.Of(3, "input was", "inputs were"));
    }
}

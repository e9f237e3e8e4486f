using SketchFlow.Reports.Pages;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>The page of explanations.</summary>
public sealed class ExplainPageTests
{
    [Fact]
    public void Every_text_is_escaped_and_a_wrong_prediction_is_named()
    {
        const string Attack = "<b onclick='x()'>\"&{{ 1 | plus: 1 }}{% raw %}\u0000\u001b\u202e";
        var text = Page(Attack).ToString();
        Assert.DoesNotContain("<b onclick", text, StringComparison.Ordinal);
        foreach (var hidden in (string[])["\u001b", "\0", "&#x1B;", "&#x0;", "\u202e", "&#x202E;"])
        {
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("onclick='", text, StringComparison.Ordinal);
        Assert.InRange(text.Split("&lt;b onclick=&#x27;x()&#x27;&gt;&quot;&amp;{{ 1 | plus: 1 }}{% raw %}\uFFFD\uFFFD\uFFFD").Length - 1, 12, 30);
        Assert.Contains("cat, taken for dog", Page("cat").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("taken for", (Page("dog") with { Cards = [Page("dog").Cards[0] with { Given = "dog" }] }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_loads_nothing()
    {
        var text = Page("cat").ToString();
        PageSource.LoadsNothing(text);

        Assert.Equal(2, text.Split("<script>")[^1].Split("</script>").Length);
        Assert.Contains("data-method=\"gradcam\"", text, StringComparison.Ordinal);
    }

    private static ExplainPage Page(string text) => new()
    {
        Title = text,
        Summary = text,
        Methods = [new ExplainMethod("gradcam", 1, "0.1", "0.2", "0.1", "0.3", "50.00 %", "20.00 %")],
        Cards =
        [
            new ExplainCard
            {
                ImagePath = text,
                Given = text,
                Predicted = "dog",
                Probability = "80.00 %",
                GivenProbability = "10.00 %",
                Picture = "data:image/webp;base64,AAAA",
                Maps = [new ExplainPicture("gradcam", text, "data:image/webp;base64,AAAA", "0.1", "0.2", "0.1", "0.3")],
            },
        ],
    };
}

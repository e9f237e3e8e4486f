using SketchFlow.Reports.Pages;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>Pages by templates: escaped, self-contained, with one script.</summary>
public sealed class AuditPageTests
{
    private static readonly string Templates = Path.Combine(Repository.Root, "stages", "SketchFlow.Reports", "Pages", "Templates");

    [Fact]
    public void Every_text_of_a_page_is_escaped()
    {
        const string Attack = "<b onclick='x()'>\"&{{ 1 | plus: 1 }}{% raw %}\u0000\u001b\u202e";
        var page = Page(Attack) with { Summary = Attack, Notes = [Attack], Pairs = [new ClassPair(Attack, Attack, 1, 2, Attack)] };
        var text = page.ToString();
        Assert.DoesNotContain("<b onclick", text, StringComparison.Ordinal);
        foreach (var hidden in (string[])["\u001b", "\0", "&#x1B;", "&#x0;", "\u202e", "&#x202E;"])
        {
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("onclick='", text, StringComparison.Ordinal);
        // The title, its heading, the summary, a note, three cells of the pair, and all texts of the image.
        Assert.InRange(text.Split("&lt;b onclick=&#x27;x()&#x27;&gt;&quot;&amp;{{ 1 | plus: 1 }}{% raw %}\uFFFD\uFFFD\uFFFD").Length - 1, 15, 40);
    }

    [Fact]
    public void A_page_loads_nothing_and_has_what_a_phone_and_a_screen_reader_need()
    {
        var text = Page("cat").ToString();
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", text, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", text, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'; img-src data:", text, StringComparison.Ordinal);
        Assert.Contains("role=\"status\"", text, StringComparison.Ordinal);
        PageSource.LoadsNothing(text);

        Assert.Equal(2, text.Split("<script>")[^1].Split("</script>").Length);
        Assert.Contains("data-kinds=\"label_error duplicate\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_layout_leaves_text_unescaped_and_no_template_contains_a_script()
    {
        string[] files = Directory.GetFiles(Templates, "*.liquid");
        Assert.Contains(files, f => Path.GetFileName(f) == "layout.liquid");
        foreach (var file in files.Where(f => Path.GetFileName(f) != "layout.liquid"))
        {
            var text = File.ReadAllText(file);
            Assert.DoesNotMatch(@"\braw\b", text);
            Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotMatch(@"\son[a-z]+=", text);
            Assert.DoesNotContain("style=", text, StringComparison.Ordinal);
        }
    }

    private static AuditPage Page(string text) => new()
    {
        Title = text,
        Summary = "one image",
        Figures = [new PageFigure(text, "1", "label_error"), new PageFigure("outliers", "-")],
        Notes = [],
        Pairs = [],
        Cards =
        [
            new AuditCard
            {
                Rank = 1,
                Id = 7,
                ImagePath = text,
                Given = text,
                Suggested = $"{text}!",
                GivenProbability = "0.100",
                SuggestedProbability = "0.800",
                Quality = "0.1500",
                Kinds = ["label_error", "duplicate"],
                Copy = text,
                Picture = "data:image/webp;base64,AAAA",
            },
        ],
    };
}

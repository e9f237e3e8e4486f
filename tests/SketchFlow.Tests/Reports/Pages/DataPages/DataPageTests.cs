using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.DataPages;

namespace SketchFlow.Tests.Reports.Pages.DataPages;

/// <summary>The page of a data set: escaped, self-contained, with search for its lists.</summary>
public sealed class DataPageTests
{
    [Fact]
    public void Every_text_of_the_page_is_escaped()
    {
        const string Attack = "<b onclick='x()'>\"&{{ 1 | plus: 1 }}\u001b\u202e";
        var text = Page(Attack).ToString();
        Assert.DoesNotContain("<b onclick", text, StringComparison.Ordinal);
        Assert.DoesNotContain("onclick='", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", text, StringComparison.Ordinal);
        Assert.InRange(text.Split("&lt;b onclick=&#x27;x()&#x27;&gt;&quot;&amp;{{ 1 | plus: 1 }}").Length - 1, 25, 60);
    }

    [Fact]
    public void The_page_loads_nothing_and_its_lists_can_be_searched()
    {
        var text = Page("고양이").ToString();
        PageSource.LoadsNothing(text);

        Assert.Contains("<meta name=\"viewport\"", text, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", text, StringComparison.Ordinal);
        Assert.Contains("<h3>고양이</h3>", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("data-list=\"").Length - 1);
        Assert.Equal(2, text.Split("role=\"status\"").Length - 1);
        Assert.Contains("role=\"img\" aria-label=\"Histogram of brightness over 3 images", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_without_findings_says_so()
    {
        var text = (Page("cat") with { Twins = [], Outliers = [], Broken = [] }).ToString();
        Assert.Contains("No copies were found.", text, StringComparison.Ordinal);
        Assert.Contains("No image has a value far from those of the others.", text, StringComparison.Ordinal);
        Assert.Contains("Every file could be read.", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Split("data-list=\"").Length - 1);
    }

    [Fact]
    public void A_map_is_escaped_and_has_a_table_and_one_line_for_each_image()
    {
        const string Attack = "</div><script>x()</script>\t\n\u202e";
        var map = new ScatterMap(
            Attack,
            [new ScatterClass(Attack, 2, "50.00 %", Attack)],
            [new ScatterPoint(-0.25, 1, 0, [1], Attack), new ScatterPoint(0.123456, 0, 0, [0], "cat.png (train)")]);
        var text = (Page("cat") with { Map = map }).ToString();
        Assert.DoesNotContain("<script>x()", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", text, StringComparison.Ordinal);
        var start = text.IndexOf("<div id=\"map-data\" hidden>", StringComparison.Ordinal);
        var lines = text[start..text.IndexOf("</div>", start, StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(5, lines[0].Split(lines[1].Contains('\t', StringComparison.Ordinal) ? "\t" : "&#x9;").Length);
        Assert.Contains("0.1235", lines[1], StringComparison.Ordinal);
        Assert.Contains("<summary>The map as a table</summary>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"map-data\"", Page("cat").ToString(), StringComparison.Ordinal);
    }

    private static DataPage Page(string text)
    {
        var picture = new PagePicture(text, text, null);
        return new DataPage
        {
            Title = text,
            Summary = text,
            Figures = [new PageFigure(text, text)],
            Notes = [text],
            Classes =
            [
                new ClassCard
                {
                    Name = text,
                    Images = 1,
                    Counts = text,
                    Share = 100,
                    Medians = text,
                    Samples = [new PagePicture(text, text, "data:image/webp;base64,AA==")],
                },
            ],
            Histograms = [HistogramChart.Create("brightness", text, [0.1, 0.5, 0.9])],
            Formats = [new PageFigure(text, text)],
            Outliers = [new OutlierCard(picture, [text, text])],
            Twins = [new TwinCard { First = picture, Second = picture, Kind = text, Relations = [text], Correlation = text }],
            Similar = [new ClassPair(text, text, 1, 2, text)],
            Broken = [new BrokenFile(text, 7, text, text)],
        };
    }
}

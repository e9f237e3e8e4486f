using System.Globalization;
using SketchFlow.Reports.Pages;
using SketchFlow.Tests.Browser;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>Pages of 500 classes in a real browser, light on a desktop and dark on a phone: they work, load nothing and can be used by everyone.</summary>
[Long]
public sealed class PagesInBrowserTests : IDisposable
{
    private const int Classes = 500;

    private readonly TemporaryFolder _folder = new();

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Images_of_an_audit_are_filtered_and_sorted(int width, int height, bool isPhone)
    {
        Audit().Write(_folder["audit.html"]);
        await using var opened = await OpenAsync("audit.html", width, height, isPhone);
        Assert.Equal("1000 images", await opened.TextAsync("#count"));
        await opened.Page.SelectAsync("#kind", "outlier");
        Assert.Equal("500 of 1000 images", await opened.TextAsync("#count"));
        await opened.FillAsync("#class", "class 499");
        Assert.Equal("1 of 1000 images", await opened.TextAsync("#count"));
        await opened.Page.ClickAsync("#reset");
        await opened.Page.SelectAsync("#order", "quality");
        Assert.StartsWith("1000. ", await opened.TextAsync("#cards li h3"), StringComparison.Ordinal);
        await CheckAsync(opened);
    }

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Tables_of_a_report_are_sorted_and_searched(int width, int height, bool isPhone)
    {
        Report().Write(_folder["report.html"]);
        await using var opened = await OpenAsync("report.html", width, height, isPhone);
        const string First = "table tbody tr:not([hidden]) td";
        Assert.Equal("class 0 \uD55C\uAE00", await opened.TextAsync(First));
        await opened.Page.ClickAsync("table th:nth-child(2) button");
        Assert.Equal("descending", await opened.Page.EvaluateExpressionAsync<string>("document.querySelector('th:nth-child(2)').ariaSort"));
        Assert.Equal("class 499 \uD55C\uAE00", await opened.TextAsync(First));
        await opened.Page.ClickAsync("table th:nth-child(2) button");
        Assert.Equal("class 1 \uD55C\uAE00", await opened.TextAsync(First));
        // A cell without a number stays last.
        Assert.Equal("class 0 \uD55C\uAE00", await opened.TextAsync("table tbody tr:last-child td"));
        await opened.FillAsync(".search input", "CLASS 42 \uD55C");
        Assert.Equal("1 of 500 rows", await opened.TextAsync(".search span"));
        Assert.Equal("class 42 \uD55C\uAE00", await opened.TextAsync(First));
        await opened.Page.ClickAsync("summary");
        await CheckAsync(opened);
    }

    public void Dispose() => _folder.Dispose();

    private Task<OpenedPage> OpenAsync(string file, int width, int height, bool isPhone) =>
        OpenedPage.OpenAsync(new Uri(_folder[file]).AbsoluteUri, width, height, isPhone, isDark: isPhone);

    private static async Task CheckAsync(OpenedPage opened)
    {
        Assert.True(await opened.FitsTheScreenAsync(), "The page is wider than the screen.");
        Assert.Empty(await opened.ViolationsAsync());
        Assert.Empty(opened.Errors);
        Assert.All(opened.Requests.Skip(1), url => Assert.StartsWith("data:", url, StringComparison.Ordinal));
    }

    private static ReportPage Report() => new ReportPage("One of 500 classes").Text("A paragraph.").Warning("A warning.")
        .Figures([("accuracy", "79.54 %"), ("log-loss", "0.8123")])
        .Heading("Classes")
        .Table(
            ["class", "recall", "rows"],
            Enumerable.Range(0, Classes).Select(c => (string[])
                [$"class {c} \uD55C\uAE00", c == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{c / 5.0:0.00} %"), $"{c}"]),
            row => row == 3)
        .Folded("more", p => p.Text("Inside.").Table(["", "right", "wrong"], [["right", "1", "2"], ["wrong", "3", "4"]]))
        .Heading("Last").Chart(new LineChart("Loss", "epoch", "nats", [new ChartLine("train", [(1, 2.5), (2, 1.5)]), new ChartLine("val", [(1, 2), (2, 1)])]));

    private static AuditPage Audit() => new()
    {
        Title = "Audit of 500 classes",
        Summary = "1000 images of 500 classes.",
        Figures = [new PageFigure("likely label errors", "500", "label_error"), new PageFigure("outliers", "500", "outlier")],
        Notes = ["A note."],
        Pairs = [new AuditPair("class 0", "class 1", 3, 4, "50.00 %")],
        Cards =
        [
            .. Enumerable.Range(0, 2 * Classes).Select(i => new AuditCard
            {
                Rank = i + 1,
                Id = i,
                ImagePath = $"train/{i}.png",
                Given = $"class {i / 2}",
                Suggested = $"class {i / 2}",
                GivenProbability = "10.00 %",
                SuggestedProbability = "80.00 %",
                Quality = string.Create(CultureInfo.InvariantCulture, $"{1 - (i / 2000.0):0.0000}"),
                Kinds = [i % 2 == 0 ? "label_error" : "outlier"],
            }),
        ],
    };
}

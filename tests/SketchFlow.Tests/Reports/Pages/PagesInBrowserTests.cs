using System.Globalization;
using SketchFlow.Data.Machine;
using SketchFlow.Reports.Pages;
using SketchFlow.Reports.Pages.DataPages;
using SketchFlow.Reports.Pages.ParallelCharts;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Browser;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>Pages of 500 classes in a real browser, light on a desktop and dark on a phone: they work, load nothing and can be used by everyone.</summary>
[Long]
public sealed class PagesInBrowserTests : IDisposable
{
    private const int Classes = 500;

    // One black pixel.
    private const string Pixel =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

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

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Classes_and_copies_of_a_data_set_are_searched(int width, int height, bool isPhone)
    {
        Data().Write(_folder["data.html"]);
        await using var opened = await OpenAsync("data.html", width, height, isPhone);
        await opened.FillAsync("[data-list=classes] input", "class 499");
        Assert.Equal("1 of 500 classes", await opened.TextAsync("#classes-count"));
        await opened.FillAsync("[data-list=classes] input", "");
        await opened.Page.SelectAsync("#order", "most");
        Assert.Equal("class 499", await opened.TextAsync("#classes li h3"));
        await opened.Page.SelectAsync("[data-key=kind]", "mirrored");
        Assert.Equal("1 of 2 pairs", await opened.TextAsync("#twins-count"));
        await CheckAsync(opened);
    }

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task A_map_of_10000_images_is_zoomed_and_shows_neighbours_within_100_milliseconds(int width, int height, bool isPhone)
    {
        (Data() with { Map = Map(10_000) }).Write(_folder["map.html"]);
        await using var opened = await OpenAsync("map.html", width, height, isPhone);
        await opened.Page.EvaluateExpressionAsync("document.getElementById('map-points').scrollIntoView({ block: 'center' })");
        const string Place = "offset => { const box = document.getElementById('map-points').getBoundingClientRect(); "
            + "return { bubbles: true, cancelable: true, clientX: box.left + box.width / 2 + offset, clientY: box.top + box.height / 2, pointerId: 1 }; }";
        // The median of several, since other programs share the CPU.
        var hover = await MedianAsync(opened, at => "document.getElementById('map-points').dispatchEvent("
            + $"new PointerEvent('pointermove', ({Place})({3 * at})))");
        Assert.Equal(6, await opened.Page.EvaluateExpressionAsync<int>("document.querySelectorAll('#map-shown b, #map-shown li').length"));
        var chosen = await opened.Page.EvaluateExpressionAsync<string>("document.getElementById('map-points').dataset.chosen");
        Assert.StartsWith($"{chosen}, class ", await opened.TextAsync("#map-shown b"), StringComparison.Ordinal);
        var zoom = await MedianAsync(opened, at => "document.getElementById('map-points').dispatchEvent("
            + $"new WheelEvent('wheel', {{ deltaY: -100, ...({Place})({at}) }}))");
        Assert.True(await ZoomAsync(opened) > 10, "The wheel did not zoom.");
        TestContext.Current.SendDiagnosticMessage("hover {0:0.0} ms, zoom {1:0.0} ms", hover, zoom);
        Assert.InRange(hover, 0, 100);
        Assert.InRange(zoom, 0, 100);

        await opened.Page.FocusAsync("#map-points");
        await opened.Page.Keyboard.PressAsync("0");
        Assert.Equal(1, await ZoomAsync(opened));
        await opened.Page.Keyboard.PressAsync("+");
        Assert.Equal(1.5, await ZoomAsync(opened));
        await opened.Page.Keyboard.PressAsync("ArrowRight");
        Assert.NotEqual(chosen, await opened.Page.EvaluateExpressionAsync<string>("document.getElementById('map-points').dataset.chosen"));
        await opened.Page.SelectAsync("#map-class", "7");
        await CheckAsync(opened);
    }

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Maps_of_an_explanation_are_chosen_by_method_and_class(int width, int height, bool isPhone)
    {
        Explanation().Write(_folder["explain.html"]);
        await using var opened = await OpenAsync("explain.html", width, height, isPhone);
        await opened.Page.SelectAsync("#method", "occlusion");
        await opened.FillAsync("#text", "class 7.");
        Assert.Equal("1 of 50 images", await opened.TextAsync("#count"));
        Assert.Equal(1, await opened.Page.EvaluateExpressionAsync<int>(
            "[...document.querySelectorAll('[data-method]')].filter(m => m.checkVisibility()).length"));
        await CheckAsync(opened);
    }

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task A_confusion_matrix_is_sorted_searched_and_zoomed(int width, int height, bool isPhone)
    {
        Matrix().Write(_folder["matrix.html"]);
        await using var opened = await OpenAsync("matrix.html", width, height, isPhone);
        await opened.FillAsync(".matrix-search", "class 499");
        var found = await opened.TextAsync(".matrix-status");
        Assert.StartsWith("499 class 499, right: ", found, StringComparison.Ordinal);
        await opened.FillAsync(".matrix-search", "class 49");
        Assert.EndsWith("; 11 classes match", await opened.TextAsync(".matrix-status"), StringComparison.Ordinal);
        await opened.Page.SelectAsync(".matrix-order", "number");
        await opened.Page.FocusAsync(".matrix canvas");
        await opened.Page.Keyboard.PressAsync("ArrowRight");
        Assert.StartsWith("49 class 49, predicted as 50 class 50: ", await opened.TextAsync(".matrix-status"), StringComparison.Ordinal);
        var near = await PictureAsync(opened);
        await opened.Page.Keyboard.PressAsync("+");
        Assert.NotEqual(near, await PictureAsync(opened));
        await opened.Page.ClickAsync(".matrix-all");
        Assert.NotEqual(near, await PictureAsync(opened));
        const string Canvas = "document.querySelector('.matrix canvas')";
        string[] actions =
        [
            $"{Canvas}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowDown' }}))", "document.querySelector('.matrix-in').click()",
            $"{Canvas}.focus(); {Canvas}.dispatchEvent(new WheelEvent('wheel', {{ deltaY: 100, cancelable: true }}))",
            .. ((string[])["similar", "recall", "name"]).Select(o =>
                $"const o = document.querySelector('.matrix-order'); o.value = '{o}'; o.dispatchEvent(new Event('change'))"),
        ];
        foreach (var action in actions)
        {
            var before = await PictureAsync(opened);
            // The first of three runs may compile the script.
            var times = new List<double> { await opened.MillisecondsAsync(action) };
            Assert.NotEqual(before, await PictureAsync(opened));
            times.Add(await opened.MillisecondsAsync(action));
            times.Add(await opened.MillisecondsAsync(action));
            Assert.True(times.Min() < 100, $"{action}: {string.Join(", ", times)} ms");
        }

        await CheckAsync(opened);
    }

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Lines_of_parallel_coordinates_follow_the_search_of_the_table(int width, int height, bool isPhone)
    {
        Settings().Write(_folder["settings.html"]);
        await using var opened = await OpenAsync("settings.html", width, height, isPhone);
        const string Shown = "[...document.querySelectorAll('[data-run]')].filter(line => line.checkVisibility()).map(line => line.dataset.run)";
        Assert.Equal(Classes, (await opened.Page.EvaluateExpressionAsync<string[]>(Shown)).Length);
        await opened.FillAsync(".search input", "run-499");
        Assert.Equal(["run-499"], await opened.Page.EvaluateExpressionAsync<string[]>(Shown));
        const string Search = "const field = document.querySelector('.search input'); field.value = '1'; field.dispatchEvent(new Event('input'))";
        // The first of three runs may compile the script.
        double[] times = [await opened.MillisecondsAsync(Search), await opened.MillisecondsAsync(Search), await opened.MillisecondsAsync(Search)];
        Assert.True(times.Min() < 100, $"{string.Join(", ", times)} ms");
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

    // The picture of the matrix after the next frame.
    private static Task<string> PictureAsync(OpenedPage opened) => opened.Page.EvaluateExpressionAsync<string>(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('.matrix canvas').toDataURL()))))");

    private static ReportPage Matrix()
    {
        var random = KeyedRandom.For(7, 0, 0, "matrix");
        int[] targets = [.. Enumerable.Range(0, 50 * Classes).Select(i => i % Classes)];
        var logits = new float[targets.Length * Classes];
        for (var i = 0; i < targets.Length; i++)
        {
            logits[(i * Classes) + (random.NextInteger(0, 3) > 0 ? targets[i] : random.NextInteger(0, Classes))] = 1;
        }

        return new ReportPage("A matrix").Heading("Confusions").Confusions(
            ClassificationMetrics.Evaluate(logits, Classes, targets), [.. Enumerable.Range(0, Classes).Select(c => $"class {c}")])
            .Heading("Worst classes").Gallery("class 1: recall 3.00 %", "A sentence.",
            [
                new GalleryImage(Pixel, "predicted as class 2: 70.00 %", "class 1: 2.00 %", [new GalleryLink("map of gradcam", "a.png")]),
                new GalleryImage(null, "predicted as class 3: 60.00 %", "class 1: 3.00 %", []),
            ]);
    }

    private static Task<double> ZoomAsync(OpenedPage opened) =>
        opened.Page.EvaluateExpressionAsync<double>("Number(document.getElementById('map-points').dataset.zoom)");

    private static async Task<double> MedianAsync(OpenedPage opened, Func<int, string> script)
    {
        var times = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            times.Add(await opened.MillisecondsAsync(script(i)));
        }

        return times.Order().ElementAt(times.Count / 2);
    }

    // A square of points, each with five neighbours.
    private static ScatterMap Map(int count) => new(
        "Images as points.",
        [.. Enumerable.Range(0, Classes).Select(c => new ScatterClass($"class {c}", count / Classes, "50.00 %", "class 0 (10.00 %)"))],
        [
            .. Enumerable.Range(0, count).Select(i => new ScatterPoint(
                (i % 100 / 50.0) - 1, (i / 100 / 50.0) - 1, i % Classes, [.. Enumerable.Range(1, 5).Select(k => (i + k) % count)], $"train/{i}.png (train)")),
        ]);

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

    private static ReportPage Settings() => new ReportPage("Experiments").Heading("Runs")
        .Table(["run", "accuracy"], Enumerable.Range(0, Classes).Select(r => (string[])[$"run-{r}", $"{r % 100}.00 %"]))
        .Heading("Settings").Parallel(new ParallelChart(
            "Recipe keys that differ", ["optimizer.learning_rate", "batch_size", "architecture"], "validation accuracy, %",
            [
                .. Enumerable.Range(0, Classes).Select(r => new ParallelRun(
                    $"run-{r}", [$"0.{r % 9 + 1}", $"{16 << (r % 4)}", r % 7 == 0 ? null : $"network {r % 3}"], r % 100)),
            ]));

    private static AuditPage Audit() => new()
    {
        Title = "Audit of 500 classes",
        Summary = "1000 images of 500 classes.",
        Figures = [new PageFigure("likely label errors", "500", "label_error"), new PageFigure("outliers", "500", "outlier")],
        Notes = ["A note."],
        Pairs = [new ClassPair("class 0", "class 1", 3, 4, "50.00 %")],
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

    private static DataPage Data()
    {
        var picture = new PagePicture("a.png", "train", Pixel);
        return new DataPage
        {
            Title = "Data set of 500 classes",
            Summary = "A summary.",
            Figures = [new PageFigure("classes", "500")],
            Notes = ["A note."],
            Classes =
            [
                .. Enumerable.Range(0, Classes).Select(c => new ClassCard
                {
                    Name = $"class {c}", Images = c, Counts = $"{c} train", Share = c / 5, Medians = "ink 5.00 %", Samples = [picture, picture],
                }),
            ],
            Histograms = [HistogramChart.Create("brightness", "of 1", [0.1, 0.5, 0.9])],
            Formats = [new PageFigure("PNG", "3")],
            Outliers = [new OutlierCard(picture, ["dark"])],
            Twins =
            [
                new TwinCard { First = picture, Second = picture, Kind = "exact", Relations = ["within train"], Correlation = "1.000" },
                new TwinCard { First = picture, Second = picture, Kind = "mirrored", Relations = ["train and test"], Correlation = "0.990" },
            ],
            Similar = [new ClassPair("class 0", "class 1", 1, 2, "5.00 %")],
            Broken = [new BrokenFile("train", 7, "b.png", "not an image")],
        };
    }

    private static ExplainPage Explanation() => new()
    {
        Title = "What one looks at",
        Summary = "A summary.",
        Methods = [.. ((string[])["gradcam", "occlusion"]).Select(m => new ExplainMethod(m, 1, "0.1", "0.2", "0.1", "0.3", "50.00 %", "20.00 %"))],
        Cards =
        [
            .. Enumerable.Range(0, 50).Select(i => new ExplainCard
            {
                ImagePath = $"class {i}.png",
                Given = "cat",
                Predicted = "dog",
                Probability = "80.00 %",
                GivenProbability = "10.00 %",
                Picture = Pixel,
                Maps = [.. ((string[])["gradcam", "occlusion"]).Select(m => new ExplainPicture(m, "dog", Pixel, "0.1", "0.2", "0.1", "0.3"))],
            }),
        ],
    };
}

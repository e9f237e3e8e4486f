using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Reports.Pages.ParallelCharts;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Reports.Pages;

/// <summary>A page of headings, text, tables and pictures in one self-contained file. Tables are sorted by their headings, long ones are searched.</summary>
/// <param name="title">Title of the page.</param>
public sealed class ReportPage(string title)
{
    private readonly List<PageSection> _sections = [];
    private PageSection? _section;

    /// <summary>Begins a section with a heading.</summary>
    public ReportPage Heading(string text)
    {
        Begin(new PageSection(text, false));
        return this;
    }

    /// <summary>Adds a paragraph.</summary>
    public ReportPage Text(string text) => Add(new PageBlock { Text = text });

    /// <summary>Adds a highlighted warning.</summary>
    public ReportPage Warning(string text) => Add(new PageBlock { Warning = text });

    /// <summary>Adds large figures, each with its name.</summary>
    public ReportPage Figures(IEnumerable<(string Name, string Value)> figures) =>
        Add(new PageBlock { Figures = [.. figures.Select(f => new PageFigure(f.Name, f.Value))] });

    /// <summary>Adds a section that is collapsed until the reader opens it.</summary>
    /// <param name="summary">Line shown while the section is collapsed.</param>
    /// <param name="content">Adds the contents of the section.</param>
    public ReportPage Folded(string summary, Action<ReportPage> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Begin(new PageSection(summary, true));
        content(this);
        _section = null;
        return this;
    }

    /// <summary>Adds a table; columns of numbers are aligned to the right.</summary>
    /// <param name="columns">Column headings.</param>
    /// <param name="rows">Cells of each row, one per heading.</param>
    /// <param name="mark">Whether the row of a given number is highlighted.</param>
    /// <param name="link">Address to which the first cell of the row of a given number leads, relative to the page; null for none.</param>
    public ReportPage Table(
        IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, Func<int, bool>? mark = null, Func<int, string?>? link = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var all = rows.ToList();
        return Add(new PageBlock
        {
            Table = new PageTable(
                [.. columns.Select((name, c) => new PageColumn(name, all.Count > 0 && all.All(r => IsNumber(r[c]))))],
                [.. all.Select((cells, i) => new PageRow(cells, mark?.Invoke(i) == true, link?.Invoke(i)))]),
        });
    }

    /// <summary>Adds a chart.</summary>
    public ReportPage Chart(LineChart chart) => Add(new PageBlock { Chart = new ChartLayout(chart) });

    /// <summary>Adds images below a heading of their own.</summary>
    /// <param name="heading">The heading, which is highlighted.</param>
    /// <param name="text">Sentence below the heading.</param>
    /// <param name="images">The images in their order.</param>
    public ReportPage Gallery(string heading, string text, IEnumerable<GalleryImage> images) =>
        Add(new PageBlock { Gallery = new PageGallery(heading, text, [.. images]) });

    /// <summary>Adds a confusion matrix that readers sort, search and zoom; of more than 2,000 classes, a sentence that says where the matrix is.</summary>
    /// <param name="report">The metrics.</param>
    /// <param name="names">Class names by number.</param>
    public ReportPage Confusions(ClassificationReport report, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(names);
        return report.PerClass.Length <= ConfusionExplorer.MostClasses
            ? Add(new PageBlock { Matrix = new ConfusionExplorer(report, names) })
            : Text($"The matrix of {report.PerClass.Length} classes is too large for a page; sketchflow evaluate writes confusion.csv.");
    }

    /// <summary>Adds parallel coordinates; the search of a table whose first column is "run" filters the lines.</summary>
    /// <param name="chart">The chart, of one run or more.</param>
    public ReportPage Parallel(ParallelChart chart) => Add(new PageBlock { Parallel = new ParallelLayout(chart) });

    /// <summary>Adds a picture.</summary>
    /// <param name="png">PNG bytes, which are embedded in the page.</param>
    /// <param name="description">Description for readers who cannot see the picture.</param>
    public ReportPage Picture(byte[] png, string description) =>
        Add(new PageBlock { Picture = new EmbeddedPicture($"data:image/png;base64,{Convert.ToBase64String(png)}", description) });

    /// <summary>Writes the page atomically.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => PageTemplate.Render(
        "report", title, new { Sections = _sections },
        [.. _sections.SelectMany(s => s.Blocks).Select(b => b.Script).OfType<string>().Distinct(StringComparer.Ordinal)]);

    private ReportPage Add(PageBlock block)
    {
        (_section ?? Begin(new PageSection("", false))).Add(block);
        return this;
    }

    private PageSection Begin(PageSection section)
    {
        _sections.Add(section);
        return _section = section;
    }

    private static bool IsNumber(string cell) =>
        cell is "" or "-" || double.TryParse(cell.EndsWith(" %", StringComparison.Ordinal) ? cell[..^2] : cell, CultureInfo.InvariantCulture, out _);
}

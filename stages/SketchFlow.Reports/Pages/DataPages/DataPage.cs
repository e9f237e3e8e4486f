using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>The page of a data set: classes with samples, histograms, a map, unusual images, copies and broken files.</summary>
public sealed record DataPage
{
    /// <summary>Title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>Sentence below the title.</summary>
    public required string Summary { get; init; }

    /// <summary>Large figures below the summary.</summary>
    public required IReadOnlyList<PageFigure> Figures { get; init; }

    /// <summary>Sentences about what a reader should look at, and about what is not shown.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Classes in the order of the data set.</summary>
    public required IReadOnlyList<ClassCard> Classes { get; init; }

    /// <summary>Distributions of the measured values.</summary>
    public required IReadOnlyList<HistogramChart> Histograms { get; init; }

    /// <summary>Number of images of each file format and kind of colour.</summary>
    public required IReadOnlyList<PageFigure> Formats { get; init; }

    /// <summary>The images as points of a plane; null for a page without a map.</summary>
    public ScatterMap? Map { get; init; }

    /// <summary>Images whose values are far from those of the others.</summary>
    public required IReadOnlyList<OutlierCard> Outliers { get; init; }

    /// <summary>Pairs of images that show the same picture.</summary>
    public required IReadOnlyList<TwinCard> Twins { get; init; }

    /// <summary>Pairs of classes whose drawings resemble each other.</summary>
    public required IReadOnlyList<ClassPair> Similar { get; init; }

    /// <summary>Files that could not be used.</summary>
    public required IReadOnlyList<BrokenFile> Broken { get; init; }

    /// <summary>Kinds of the shown pairs, each once.</summary>
    public IEnumerable<string> TwinKinds => Twins.Select(t => t.Kind).Distinct(StringComparer.Ordinal);

    /// <summary>Relations of the shown pairs, each once.</summary>
    public IEnumerable<string> TwinRelations => Twins.SelectMany(t => t.Relations).Distinct(StringComparer.Ordinal);

    /// <summary>Writes the page atomically.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => PageTemplate.Render("data", Title, this);
}

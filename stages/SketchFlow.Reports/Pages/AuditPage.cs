using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Pages;

/// <summary>The page of an audit: ranked pictures, which a reader filters and sorts, and classes that merge.</summary>
public sealed record AuditPage
{
    /// <summary>Title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>Sentence below the title.</summary>
    public required string Summary { get; init; }

    /// <summary>Number of images of each finding, which the filter uses too.</summary>
    public required IReadOnlyList<PageFigure> Figures { get; init; }

    /// <summary>Sentences about what is not shown.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The images by rank.</summary>
    public required IReadOnlyList<AuditCard> Cards { get; init; }

    /// <summary>Pairs of classes that merge.</summary>
    public required IReadOnlyList<ClassPair> Pairs { get; init; }

    /// <summary>Names of the classes of the images, in ordinal order.</summary>
    public IEnumerable<string> Classes =>
        Cards.SelectMany(c => (string[])[c.Given, c.Suggested]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Writes the page atomically.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => PageTemplate.Render("audit", Title, this);
}

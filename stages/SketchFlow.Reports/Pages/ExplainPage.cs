using SketchFlow.Data.Files;

namespace SketchFlow.Reports.Pages;

/// <summary>The page of explanations: each image with the maps of its methods, and the faithfulness of the methods.</summary>
public sealed record ExplainPage
{
    /// <summary>Title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>Sentence below the title.</summary>
    public required string Summary { get; init; }

    /// <summary>Means by method.</summary>
    public required IReadOnlyList<ExplainMethod> Methods { get; init; }

    /// <summary>The images.</summary>
    public required IReadOnlyList<ExplainCard> Cards { get; init; }

    /// <summary>Writes the page atomically.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => PageTemplate.Render("explain", Title, this);
}

namespace SketchFlow.Reports.Pages;

/// <summary>A part of a page below one heading.</summary>
/// <param name="title">The heading; empty for none.</param>
/// <param name="isFolded">Whether the part is collapsed until the reader opens it.</param>
internal sealed class PageSection(string title, bool isFolded)
{
    private readonly List<PageBlock> _blocks = [];

    /// <summary>The heading; empty for none.</summary>
    public string Title { get; } = title;

    /// <summary>Whether the part is collapsed until the reader opens it.</summary>
    public bool IsFolded { get; } = isFolded;

    /// <summary>The contents from top to bottom.</summary>
    public IReadOnlyList<PageBlock> Blocks => _blocks;

    /// <summary>Adds a block at the end.</summary>
    public void Add(PageBlock block) => _blocks.Add(block);
}

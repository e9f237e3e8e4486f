using SketchFlow.Reports.Pages.ParallelCharts;

namespace SketchFlow.Reports.Pages;

/// <summary>One block of a page; one property is set.</summary>
internal sealed record PageBlock
{
    /// <summary>A paragraph.</summary>
    public string? Text { get; init; }

    /// <summary>A highlighted paragraph.</summary>
    public string? Warning { get; init; }

    /// <summary>Large figures.</summary>
    public IReadOnlyList<PageFigure>? Figures { get; init; }

    /// <summary>A table.</summary>
    public PageTable? Table { get; init; }

    /// <summary>A chart.</summary>
    public ChartLayout? Chart { get; init; }

    /// <summary>Parallel coordinates.</summary>
    public ParallelLayout? Parallel { get; init; }

    /// <summary>A picture.</summary>
    public EmbeddedPicture? Picture { get; init; }

    /// <summary>Images below a heading.</summary>
    public PageGallery? Gallery { get; init; }

    /// <summary>A confusion matrix.</summary>
    public ConfusionExplorer? Matrix { get; init; }

    /// <summary>Name of the script that the block needs; null for none.</summary>
    public string? Script => Matrix is not null ? "matrix" : Parallel is not null ? "parallel" : null;
}

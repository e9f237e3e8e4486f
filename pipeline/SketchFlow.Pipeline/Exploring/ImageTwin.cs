using SketchFlow.Imaging.Duplicates;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>Two images of a data set that show the same picture.</summary>
/// <param name="First">The image that precedes the other one in the order train, val, test.</param>
/// <param name="Second">The other image.</param>
/// <param name="Kind">Relation of the pictures.</param>
/// <param name="Correlation">Correlation of the thumbnails, or of the maps of strokes; at most 1.</param>
/// <param name="IsSameFile">Whether the bytes of the files are equal.</param>
internal sealed record ImageTwin(ExploredImage First, ExploredImage Second, TwinKind Kind, double Correlation, bool IsSameFile)
{
    /// <summary>Whether the images belong to different splits.</summary>
    public bool IsAcrossSplits => First.Split != Second.Split;

    /// <summary>Whether the images have different labels.</summary>
    public bool IsAcrossClasses => First.Sample.Target is { } first && Second.Sample.Target is { } second && first != second;

    /// <summary>Name of the kind in files and on the page.</summary>
    public string KindName => NameOf(Kind);

    /// <summary>Returns the name of a kind in files and on the page.</summary>
    public static string NameOf(TwinKind kind) => kind.ToString().ToLowerInvariant();
}

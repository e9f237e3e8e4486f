using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Statistics;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>An image of a data set with what was measured on it.</summary>
internal sealed record ExploredImage
{
    /// <summary>Split of the image: train, val or test.</summary>
    public required string Split { get; init; }

    /// <summary>Row of the image.</summary>
    public required Sample Sample { get; init; }

    /// <summary>Format of the file, such as JPEG.</summary>
    public required string Format { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Size, levels, ink and strokes.</summary>
    public required ImageMeasures Measures { get; init; }

    /// <summary>Thumbnail, for the search for copies.</summary>
    public required ImageFingerprint Fingerprint { get; init; }

    /// <summary>Strokes, for the search for copies and for similar classes.</summary>
    public required StrokeFingerprint Strokes { get; init; }
}

namespace SketchFlow.Imaging.Duplicates;

/// <summary>Options of the search for copies of images.</summary>
public sealed record TwinOptions
{
    /// <summary>
    /// Least correlation of two thumbnails of 32 × 32 pixels that makes them copies. Lower values also find other drawings of one motif;
    /// docs/measurements/splits.md has precision and recall by threshold.
    /// </summary>
    public double MinCorrelation { get; init; } = 0.98;

    /// <summary>Whether mirrored copies are searched for, which doubles the time of the search.</summary>
    public bool Mirrored { get; init; } = true;

    /// <summary>
    /// Least correlation of the maps of strokes of two images that makes them thickened copies; docs/measurements/splits.md has precision and recall by
    /// threshold.
    /// </summary>
    public double MinStrokeCorrelation { get; init; } = 0.98;

    /// <summary>Least share of the strokes that thickened copies have in common (<see cref="StrokeFingerprint.OverlapWith"/>).</summary>
    public double MinStrokeOverlap { get; init; } = 0.97;

    /// <summary>Number of pairs at which the search stops, so that a set of thousands of copies of one image takes bounded memory.</summary>
    public int MaxPairs { get; init; } = 1_000_000;
}

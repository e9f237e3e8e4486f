namespace SketchFlow.Scoring.Projection;

/// <summary>A place on a map of two dimensions.</summary>
/// <param name="X">Horizontal coordinate, -1 to 1.</param>
/// <param name="Y">Vertical coordinate, -1 to 1.</param>
public readonly record struct MapPoint(double X, double Y);

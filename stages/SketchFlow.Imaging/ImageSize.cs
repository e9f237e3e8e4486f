namespace SketchFlow.Imaging;

/// <summary>Width and height in pixels.</summary>
public readonly record struct ImageSize(int Width, int Height);

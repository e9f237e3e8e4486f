namespace SketchFlow.Imaging.Resizing;

/// <summary>A part of a resized image, which is computed without the rest.</summary>
/// <param name="FullWidth">Width of the whole resized image.</param>
/// <param name="FullHeight">Height of the whole resized image.</param>
/// <param name="Left">First column of the part.</param>
/// <param name="Top">First row of the part.</param>
/// <param name="Width">Number of columns of the part.</param>
/// <param name="Height">Number of rows of the part.</param>
internal readonly record struct ResizeWindow(long FullWidth, long FullHeight, long Left, long Top, int Width, int Height)
{
    /// <summary>Returns the window that is the whole resized image.</summary>
    public static ResizeWindow Whole(int width, int height) => new(width, height, 0, 0, width, height);
}

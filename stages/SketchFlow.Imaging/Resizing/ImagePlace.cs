namespace SketchFlow.Imaging.Resizing;

/// <summary>Rectangle of the square image that a whole original image occupies after resizing; parts outside of the square are cropped.</summary>
/// <param name="Left">First column, pixels of the square; negative where the image is cropped.</param>
/// <param name="Top">First row, pixels of the square; negative where the image is cropped.</param>
/// <param name="Width">Number of columns, pixels of the square.</param>
/// <param name="Height">Number of rows, pixels of the square.</param>
public readonly record struct ImagePlace(double Left, double Top, double Width, double Height);

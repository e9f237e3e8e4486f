namespace SketchFlow.Imaging.Resizing;

public static partial class PadResize
{
    /// <summary>Computes where <see cref="Run"/> places an image of a size, so that places of the square can be shown on the original.</summary>
    /// <param name="options">The options.</param>
    /// <param name="width">Width of the original, pixels.</param>
    /// <param name="height">Height of the original, pixels.</param>
    public static ImagePlace Place(PadResizeOptions options, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        switch (options.Fit)
        {
            case ResizeMode.Letterbox:
                var place = LetterboxPosition(width, height, options.Side);
                return new(place.X, place.Y, place.Width, place.Height);
            case ResizeMode.Stretch:
                return new(0, 0, options.Side, options.Side);
            default:
                var window = CropWindow(width, height, options.Side, options.CropPercent, options.CropMode);
                return new(-window.Left, -window.Top, window.FullWidth, window.FullHeight);
        }
    }

    /// <summary>Computes the size of the resized image and the place of its central square.</summary>
    private static ResizeWindow CropWindow(int width, int height, int side, double cropPercent, CropMode mode)
    {
        var shorter = (long)Math.Floor(side / cropPercent);
        var (fullWidth, fullHeight) = mode == CropMode.Squash ? (shorter, shorter)
            : width <= height
            ? (shorter, shorter * height / width)
            : (shorter * width / height, shorter);
        var left = (long)Math.Round((fullWidth - side) / 2.0, MidpointRounding.ToEven);
        var top = (long)Math.Round((fullHeight - side) / 2.0, MidpointRounding.ToEven);
        return new(fullWidth, fullHeight, left, top, side, side);
    }
}

namespace SketchFlow.Imaging.Augmentation;

/// <summary>x' = Xx x + Xy y + X0, y' = Yx x + Yy y + Y0; pixel centres lie at whole numbers.</summary>
public readonly record struct AffineMap(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
{
    /// <summary>Leaves every point in its place.</summary>
    public static AffineMap Identity => new(1, 0, 0, 0, 1, 0);

    /// <summary>Mirrors left and right.</summary>
    public static AffineMap FlipX(int width) => new(-1, 0, width - 1, 0, 1, 0);

    /// <summary>Mirrors up and down.</summary>
    public static AffineMap FlipY(int height) => new(1, 0, 0, 0, -1, height - 1);

    /// <summary>A linear map about the image's centre ((w - 1) / 2, (h - 1) / 2), then a shift in pixels.</summary>
    public static AffineMap AboutCentre(ImageSize size, double xx, double xy, double yx, double yy, double dx = 0, double dy = 0)
    {
        var (cx, cy) = ((size.Width - 1) / 2.0, (size.Height - 1) / 2.0);
        return new(xx, xy, cx - (xx * cx) - (xy * cy) + dx, yx, yy, cy - (yx * cx) - (yy * cy) + dy);
    }

    /// <summary>Turns counter-clockwise by <paramref name="degrees"/> (as seen), scaling by <paramref name="scale"/>; exact at 0.</summary>
    public static AffineMap Rotation(ImageSize size, double degrees, double scale = 1, double dx = 0, double dy = 0)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return AboutCentre(size, cos * scale, sin * scale, -sin * scale, cos * scale, dx, dy);
    }

    /// <summary>This map, then <paramref name="next"/>.</summary>
    public AffineMap Then(AffineMap next) => new(
        (next.Xx * Xx) + (next.Xy * Yx),
        (next.Xx * Xy) + (next.Xy * Yy),
        (next.Xx * X0) + (next.Xy * Y0) + next.X0,
        (next.Yx * Xx) + (next.Yy * Yx),
        (next.Yx * Xy) + (next.Yy * Yy),
        (next.Yx * X0) + (next.Yy * Y0) + next.Y0);

    /// <summary>Whether the map is the identity (0), a flip left-right (1), up-down (2) or both (3) of an image of that size; -1 otherwise.</summary>
    internal int FlipCode(ImageSize size)
    {
        for (var flips = 0; flips < 4; flips++)
        {
            var (x, y) = (flips & 1, flips >> 1);
            var exact = new AffineMap(1 - (2 * x), 0, x * (size.Width - 1), 0, 1 - (2 * y), y * (size.Height - 1));
            if (exact == this)
            {
                return flips;
            }
        }

        return -1;
    }
}

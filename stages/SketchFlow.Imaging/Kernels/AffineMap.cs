namespace SketchFlow.Imaging.Kernels;

/// <summary>An affine map: x' = Xx x + Xy y + X0, y' = Yx x + Yy y + Y0. Pixel centres have integer coordinates.</summary>
public readonly record struct AffineMap(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
{
    /// <summary>The identity map.</summary>
    public static AffineMap Identity => new(1, 0, 0, 0, 1, 0);

    /// <summary>Mirrors left and right.</summary>
    public static AffineMap FlipX(int width) => new(-1, 0, width - 1, 0, 1, 0);

    /// <summary>Mirrors up and down.</summary>
    public static AffineMap FlipY(int height) => new(1, 0, 0, 0, -1, height - 1);

    /// <summary>Applies a linear map about the image's centre ((w - 1) / 2, (h - 1) / 2).</summary>
    public static AffineMap AboutCentre(ImageSize size, double xx, double xy, double yx, double yy)
    {
        var (cx, cy) = ((size.Width - 1) / 2.0, (size.Height - 1) / 2.0);
        return new(xx, xy, cx - (xx * cx) - (xy * cy), yx, yy, cy - (yx * cx) - (yy * cy));
    }

    /// <summary>Rotates counter-clockwise (as displayed) about the centre, scales and shifts by pixels; exact at 0 degrees.</summary>
    public static AffineMap Rotation(ImageSize size, double degrees, double scale = 1, double dx = 0, double dy = 0)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var map = AboutCentre(size, cos * scale, sin * scale, -sin * scale, cos * scale);
        return map with { X0 = map.X0 + dx, Y0 = map.Y0 + dy };
    }

    /// <summary>Composes this map with <paramref name="next"/>, which is applied second.</summary>
    public AffineMap Then(AffineMap next) => new(
        (next.Xx * Xx) + (next.Xy * Yx),
        (next.Xx * Xy) + (next.Xy * Yy),
        (next.Xx * X0) + (next.Xy * Y0) + next.X0,
        (next.Yx * Xx) + (next.Yy * Yx),
        (next.Yx * Xy) + (next.Yy * Yy),
        (next.Yx * X0) + (next.Yy * Y0) + next.Y0);

    /// <summary>Inverts the map; the coefficients are not finite where there is no inverse.</summary>
    public AffineMap Inverse()
    {
        var determinant = (Xx * Yy) - (Xy * Yx);
        var (xx, xy, yx, yy) = (Yy / determinant, -Xy / determinant, -Yx / determinant, Xx / determinant);
        return new(xx, xy, -((xx * X0) + (xy * Y0)), yx, yy, -((yx * X0) + (yy * Y0)));
    }

    /// <summary>Returns 0 for the identity, 1 for a flip left-right, 2 for up-down, 3 for both, each of an image of that size; -1 for any other map.</summary>
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

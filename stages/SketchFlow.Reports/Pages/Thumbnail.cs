using SketchFlow.Data.Images;
using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>Small pictures of decoded images, for pages.</summary>
public static class Thumbnail
{
    private const int Quality = 75;

    /// <summary>Scales an image so that it fits a square, and encodes it as a WebP in a data URI.</summary>
    /// <param name="pixels">The image; the caller keeps ownership.</param>
    /// <param name="side">Side of the square in pixels; smaller images are not enlarged.</param>
    /// <returns>The data URI.</returns>
    public static string ToDataUri(Pixels pixels, int side = 128)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var scale = Math.Min(1, (float)side / Math.Max(pixels.Width, pixels.Height));
        var (width, height) = (Math.Max(1, (int)MathF.Round(pixels.Width * scale)), Math.Max(1, (int)MathF.Round(pixels.Height * scale)));
        using var surface = SKSurface.Create(new SKImageInfo(width, height))
            ?? throw new InvalidOperationException($"Not enough memory for a picture of {width} × {height} pixels.");
        using var bitmap = PixelBitmap.From(pixels);
        using var image = SKImage.FromBitmap(bitmap);
        // Mipmaps keep thin strokes of large drawings.
        surface.Canvas.DrawImage(image, SKRect.Create(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var drawn = surface.Snapshot();
        using var webp = drawn.Encode(SKEncodedImageFormat.Webp, Quality);
        return $"data:image/webp;base64,{Convert.ToBase64String(webp.Span)}";
    }
}

using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>Small pictures of images, decoded by SkiaSharp.</summary>
public static class Thumbnail
{
    private const int Quality = 75;

    // A larger image would take more than 256 MB as pixels.
    private const long MaxPixels = 64_000_000;

    /// <summary>Draws an image on white, scaled so that it fits a square, as a WebP in a data URI.</summary>
    /// <param name="open">Opens the image file.</param>
    /// <param name="side">Side of the square in pixels; smaller images are not enlarged.</param>
    /// <returns>The data URI; null if the image is unreadable or has more than 64 megapixels.</returns>
    public static string? ToDataUri(Func<Stream> open, int side = 128)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        try
        {
            using var stream = open();
            using var bytes = SKData.Create(stream);
            using var codec = bytes is null ? null : SKCodec.Create(bytes);
            if (codec is null || (long)codec.Info.Width * codec.Info.Height is 0 or > MaxPixels)
            {
                return null;
            }

            using var bitmap = SKBitmap.Decode(codec);
            return bitmap is null ? null : Encode(bitmap, Math.Min(1, (float)side / Math.Max(bitmap.Width, bitmap.Height)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Encode(SKBitmap bitmap, float scale)
    {
        var (width, height) = (Math.Max(1, (int)MathF.Round(bitmap.Width * scale)), Math.Max(1, (int)MathF.Round(bitmap.Height * scale)));
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        if (surface is null)
        {
            return null;
        }

        surface.Canvas.Clear(SKColors.White);
        using var image = SKImage.FromBitmap(bitmap);
        // Mipmaps keep thin strokes of large drawings.
        surface.Canvas.DrawImage(image, SKRect.Create(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var drawn = surface.Snapshot();
        using var webp = drawn.Encode(SKEncodedImageFormat.Webp, Quality);
        return webp is null ? null : $"data:image/webp;base64,{Convert.ToBase64String(webp.Span)}";
    }
}

using SketchFlow.Reports.Fonts;
using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>A grid of images with text below each. Images are decoded by SkiaSharp, so that an evaluation does not need OpenCV.</summary>
public static class ImageGrid
{
    private const int Side = 190;
    private const int Gap = 14;
    private const int LineHeight = 17;

    /// <summary>Draws a grid.</summary>
    /// <param name="title">Title above the grid.</param>
    /// <param name="images">Images in row-major order; an unreadable one becomes an empty frame with a note.</param>
    /// <param name="columns">Number of images per row.</param>
    /// <returns>A PNG, about columns × 204 px wide.</returns>
    public static byte[] Draw(string title, IReadOnlyList<GridImage> images, int columns = 6)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        var lines = images.Count == 0 ? 0 : images.Max(i => i.Lines.Count);
        var cell = Side + 8 + (lines * LineHeight) + Gap;
        var rows = (images.Count + columns - 1) / columns;
        var (width, height) = ((columns * (Side + Gap)) + Gap, 52 + (rows * cell));
        using var surface = SKSurface.Create(new SKImageInfo(width, height))
            ?? throw new InvalidOperationException($"Not enough memory for a picture of {width} × {height} pixels.");
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        var chosen = ReportFonts.For([title, .. images.SelectMany(i => i.Lines)]);
        using var small = new SKFont(chosen.Regular, 13);
        using var bold = new SKFont(chosen.Bold, 13);
        using var large = new SKFont(chosen.Bold, 18);
        using var ink = new SKPaint { Color = new SKColor(0x2B, 0x2B, 0x2B), IsAntialias = true };
        using var frame = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 2, IsAntialias = true };
        var texts = new CanvasText(canvas, chosen, ink);
        texts.Draw(title, Gap, 32, large);
        for (var i = 0; i < images.Count; i++)
        {
            var (x, y) = (Gap + (i % columns * (Side + Gap)), 52 + (i / columns * cell));
            frame.Color = images[i].Bad ? new SKColor(0xD5, 0x5E, 0x00) : new SKColor(0x00, 0x72, 0xB2);
            using (var bitmap = Decode(images[i]))
            {
                if (bitmap is null)
                {
                    texts.Draw("unreadable", x + 60, y + (Side / 2), small);
                }
                else
                {
                    DrawScaled(canvas, bitmap, x, y);
                }
            }

            canvas.DrawRect(SKRect.Create(x, y, Side, Side), frame);
            for (var l = 0; l < images[i].Lines.Count; l++)
            {
                texts.Draw(images[i].Lines[l], x, y + Side + 16 + (l * LineHeight), l == 0 ? bold : small, Side);
            }
        }

        using var done = surface.Snapshot();
        using var data = done.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void DrawScaled(SKCanvas canvas, SKBitmap bitmap, int x, int y)
    {
        using var image = SKImage.FromBitmap(bitmap);
        var scale = Math.Min((float)Side / bitmap.Width, (float)Side / bitmap.Height);
        var (width, height) = (bitmap.Width * scale, bitmap.Height * scale);
        var place = SKRect.Create(x + ((Side - width) / 2), y + ((Side - height) / 2), width, height);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKCubicResampler.Mitchell));
    }

    /// <summary>Decodes an image; returns null if it is unreadable, so that the grid shows the others.</summary>
    private static SKBitmap? Decode(GridImage image)
    {
        try
        {
            using var stream = image.Open();
            using var bytes = SKData.Create(stream);
            using var raw = SKBitmap.Decode(bytes);
            if (raw is null)
            {
                return null;
            }

            // Transparent pixels become white.
            var opaque = new SKBitmap(new SKImageInfo(raw.Width, raw.Height));
            using var canvas = new SKCanvas(opaque);
            canvas.Clear(SKColors.White);
            canvas.DrawBitmap(raw, 0, 0, new SKSamplingOptions(SKFilterMode.Nearest));
            return opaque;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

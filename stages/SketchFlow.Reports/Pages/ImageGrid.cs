using SketchFlow.Data.Images;
using SketchFlow.Reports.Fonts;
using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>A grid of images with text below each.</summary>
public static class ImageGrid
{
    /// <summary>Side of the square of an image, pixels.</summary>
    public const int Side = 190;

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
            using (var pixels = images[i].Read())
            {
                if (pixels is null)
                {
                    texts.Draw("unreadable", x + 60, y + (Side / 2), small);
                }
                else
                {
                    DrawScaled(canvas, pixels, x, y);
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

    private static void DrawScaled(SKCanvas canvas, Pixels pixels, int x, int y)
    {
        using var bitmap = PixelBitmap.From(pixels);
        using var image = SKImage.FromBitmap(bitmap);
        var scale = Math.Min((float)Side / bitmap.Width, (float)Side / bitmap.Height);
        var (width, height) = (bitmap.Width * scale, bitmap.Height * scale);
        var place = SKRect.Create(x + ((Side - width) / 2), y + ((Side - height) / 2), width, height);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKCubicResampler.Mitchell));
    }
}

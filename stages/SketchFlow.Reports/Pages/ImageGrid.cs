using SketchFlow.Reports.Fonts;
using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>Images side by side with what is to be said of them. Decoded by SkiaSharp, so that evaluating needs no OpenCV.</summary>
public static class ImageGrid
{
    private const int Side = 190;
    private const int Gap = 14;
    private const int LineHeight = 17;

    /// <summary>Draws a grid.</summary>
    /// <param name="title">Stands above it.</param>
    /// <param name="images">From the left, then down; one that cannot be read becomes an empty frame that says so.</param>
    /// <param name="columns">Images a row.</param>
    /// <returns>PNG, columns × 204 px wide.</returns>
    public static byte[] Draw(string title, IReadOnlyList<GridImage> images, int columns = 6)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        var lines = images.Count == 0 ? 0 : images.Max(i => i.Lines.Count);
        var cell = Side + 8 + (lines * LineHeight) + Gap;
        var rows = (images.Count + columns - 1) / columns;
        var (width, height) = ((columns * (Side + Gap)) + Gap, 52 + (rows * cell));
        using var surface = SKSurface.Create(new SKImageInfo(width, height)) ?? throw new InvalidOperationException($"There is no memory for a picture of {width} × {height}.");
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using var small = new SKFont(ReportFonts.Regular, 13);
        using var bold = new SKFont(ReportFonts.Bold, 13);
        using var large = new SKFont(ReportFonts.Bold, 18);
        using var ink = new SKPaint { Color = new SKColor(0x2B, 0x2B, 0x2B), IsAntialias = true };
        using var frame = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 2, IsAntialias = true };
        canvas.DrawText(title, Gap, 32, SKTextAlign.Left, large, ink);
        for (var i = 0; i < images.Count; i++)
        {
            var (x, y) = (Gap + (i % columns * (Side + Gap)), 52 + (i / columns * cell));
            frame.Color = images[i].Bad ? new SKColor(0xD6, 0x27, 0x28) : new SKColor(0x4C, 0x78, 0xA8);
            using (var bitmap = Decode(images[i]))
            {
                if (bitmap is null)
                {
                    canvas.DrawText("cannot be read", x + (Side / 2), y + (Side / 2), SKTextAlign.Center, small, ink);
                }
                else
                {
                    using var image = SKImage.FromBitmap(bitmap);
                    var scale = Math.Min((float)Side / bitmap.Width, (float)Side / bitmap.Height);
                    var (w, h) = (bitmap.Width * scale, bitmap.Height * scale);
                    canvas.DrawImage(image, SKRect.Create(x + ((Side - w) / 2), y + ((Side - h) / 2), w, h), new SKSamplingOptions(SKCubicResampler.Mitchell));
                }
            }

            canvas.DrawRect(SKRect.Create(x, y, Side, Side), frame);
            for (var l = 0; l < images[i].Lines.Count; l++)
            {
                canvas.DrawText(Fitting(images[i].Lines[l], l == 0 ? bold : small), x, y + Side + 16 + (l * LineHeight), SKTextAlign.Left, l == 0 ? bold : small, ink);
            }
        }

        using var done = surface.Snapshot();
        using var data = done.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>The image, or null where it cannot be read: a grid of the worst images shows what it can.</summary>
    private static SKBitmap? Decode(GridImage image)
    {
        try
        {
            using var stream = image.Open();
            using var bytes = SKData.Create(stream);
            // Transparent drawings are on white paper.
            using var raw = SKBitmap.Decode(bytes);
            if (raw is null)
            {
                return null;
            }

            var paper = new SKBitmap(new SKImageInfo(raw.Width, raw.Height));
            using var canvas = new SKCanvas(paper);
            canvas.Clear(SKColors.White);
            canvas.DrawBitmap(raw, 0, 0, new SKSamplingOptions(SKFilterMode.Nearest));
            return paper;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Fitting(string text, SKFont font)
    {
        if (font.MeasureText(text) <= Side)
        {
            return text;
        }

        var length = text.Length;
        while (length > 1 && font.MeasureText(text[..length] + "…") > Side)
        {
            length--;
        }

        return text[..length] + "…";
    }
}

using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Reports.Pages;
using SkiaSharp;

namespace SketchFlow.Tests.Reports.Pages;

/// <summary>Small pictures of pixels keep their shape and colours.</summary>
public sealed class ThumbnailTests
{
    [Property(MaxTest = 30)]
    public void A_thumbnail_fits_its_square_keeps_the_aspect_and_the_colours(byte width, byte height, bool isGrey, byte blue, byte green, byte red)
    {
        const int Side = 60;
        byte[] colour = isGrey ? [blue] : [blue, green, red];
        using var pixels = Pixels.Rent(new Sample(0, "a.png", "a.png", null), width + 1, height + 1, colour.Length);
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels.Bytes[i] = colour[i % colour.Length];
        }

        using var small = SKBitmap.Decode(Convert.FromBase64String(Thumbnail.ToDataUri(pixels, Side).Split(',')[1]));
        var scale = Math.Min(1, (float)Side / Math.Max(pixels.Width, pixels.Height));
        Assert.InRange(Math.Abs(small.Width - (pixels.Width * scale)), 0, 1);
        Assert.InRange(Math.Abs(small.Height - (pixels.Height * scale)), 0, 1);
        var shown = small.GetPixel(small.Width / 2, small.Height / 2);
        var (r, g, b) = isGrey ? (blue, blue, blue) : (red, green, blue);
        // WebP's chroma and its limited range of luma round.
        Assert.All([(shown.Red, r), (shown.Green, g), (shown.Blue, b)], c => Assert.InRange(Math.Abs(c.Item1 - c.Item2), 0, 6));
    }
}

using SketchFlow.Data.Images;
using SkiaSharp;

namespace SketchFlow.Reports.Pages;

/// <summary>Copies decoded pixels into bitmaps that SkiaSharp draws.</summary>
internal static class PixelBitmap
{
    /// <summary>Copies pixels into an opaque bitmap of the same size, which the caller owns.</summary>
    public static SKBitmap From(Pixels pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var info = new SKImageInfo(pixels.Width, pixels.Height, pixels.Channels == 1 ? SKColorType.Gray8 : SKColorType.Bgra8888, SKAlphaType.Opaque);
        var bitmap = new SKBitmap(info);
        ReadOnlySpan<byte> source = pixels.Bytes;
        var target = bitmap.GetPixelSpan();
        for (var y = 0; y < pixels.Height; y++)
        {
            var row = source.Slice(y * pixels.Width * pixels.Channels, pixels.Width * pixels.Channels);
            var copy = target.Slice(y * bitmap.RowBytes, pixels.Width * info.BytesPerPixel);
            if (pixels.Channels == 1)
            {
                row.CopyTo(copy);
                continue;
            }

            for (var x = 0; x < pixels.Width; x++)
            {
                row.Slice(3 * x, 3).CopyTo(copy[(4 * x)..]);
                copy[(4 * x) + 3] = byte.MaxValue;
            }
        }

        return bitmap;
    }
}

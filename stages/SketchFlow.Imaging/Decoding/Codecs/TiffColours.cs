using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Converts a TIFF's samples of 8 bits to pixels on white.</summary>
internal static class TiffColours
{
    /// <summary>Converts all samples.</summary>
    /// <returns>One channel for grey, otherwise blue, green, red.</returns>
    public static Pixels ToPixels(Sample sample, TiffHeader header, ReadOnlySpan<byte> samples)
    {
        var isGrey = header.Layout.Colour is ImageColour.Grey or ImageColour.InvertedGrey;
        var pixels = Pixels.Rent(sample, header.Width, header.Height, isGrey ? 1 : 3);
        switch (header.Layout.Colour)
        {
            case ImageColour.Grey:
                Copy(samples, header.Samples, pixels.Bytes, 1);
                break;
            case ImageColour.InvertedGrey:
                Invert(samples, pixels.Bytes);
                break;
            case ImageColour.Palette:
                Palettes.Expand(samples, 8, header.Palette(), pixels.Bytes);
                break;
            case ImageColour.Cmyk:
                Mix(samples, pixels.Bytes);
                break;
            default:
                Copy(samples, header.Samples, pixels.Bytes, 3);
                break;
        }

        if (header.Layout.Alpha is ImageAlpha.Straight or ImageAlpha.Premultiplied)
        {
            Composite(samples, header, pixels);
        }

        return pixels;
    }

    // Red comes first in the file and last in pixels.
    private static void Copy(ReadOnlySpan<byte> samples, int step, Span<byte> target, int channels)
    {
        for (int i = 0, at = 0; i < target.Length; i += channels, at += step)
        {
            for (var c = 0; c < channels; c++)
            {
                target[i + c] = samples[at + channels - 1 - c];
            }
        }
    }

    private static void Invert(ReadOnlySpan<byte> samples, Span<byte> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = (byte)(255 - samples[i]);
        }
    }

    // libtiff's conversion, without a colour profile.
    private static void Mix(ReadOnlySpan<byte> samples, Span<byte> target)
    {
        for (int i = 0, at = 0; i < target.Length; i += 3, at += 4)
        {
            var light = 255 - samples[at + 3];
            for (var c = 0; c < 3; c++)
            {
                target[i + c] = (byte)(light * (255 - samples[at + 2 - c]) / 255);
            }
        }
    }

    private static void Composite(ReadOnlySpan<byte> samples, TiffHeader header, Pixels pixels)
    {
        var target = pixels.Bytes;
        var (channels, isStraight) = (pixels.Channels, header.Layout.Alpha == ImageAlpha.Straight);
        for (int i = 0, at = channels; i < target.Length; i += channels, at += header.Samples)
        {
            for (var c = 0; c < channels; c++)
            {
                target[i + c] = isStraight ? WhitePaper.Under(target[i + c], samples[at]) : WhitePaper.UnderPremultiplied(target[i + c], samples[at]);
            }
        }
    }
}

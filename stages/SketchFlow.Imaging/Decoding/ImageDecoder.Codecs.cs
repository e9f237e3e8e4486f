using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Codecs;
using SketchFlow.Imaging.Decoding.Headers;
using SketchFlow.Imaging.Decoding.Png;

namespace SketchFlow.Imaging.Decoding;

/// <summary>Chooses between this project's decoders and OpenCV's.</summary>
public static partial class ImageDecoder
{
    /// <summary>Decodes a file whose layout is not OpenCV's; null for the others.</summary>
    private static Outcome<Pixels>? DecodeHere(Sample sample, ImageHeader header, ReadOnlySpan<byte> bytes)
    {
        Outcome<Pixels> decoded;
        switch (header.Format)
        {
            case ImageFormat.Png:
                decoded = PngDecoder.Decode(sample, header, bytes);
                break;
            case ImageFormat.Bmp:
                decoded = BmpDecoder.Decode(sample, bytes);
                break;
            case ImageFormat.Gif:
                decoded = GifDecoder.Decode(sample, bytes);
                break;
            case ImageFormat.Tiff when !header.Layout.NeedsLibTiff:
                decoded = TiffDecoder.Decode(sample, bytes);
                break;
            case ImageFormat.WebP when WebPHeader.Parse(bytes) is { IsAnimated: true } animation:
                decoded = DecodeFrame(sample, animation, bytes);
                break;
            default:
                return null;
        }

        if (!decoded.IsValue)
        {
            return decoded;
        }

        return Upright(decoded.Value.Channels == 3 ? OneChannelIfGrey(decoded.Value) : decoded.Value, header);
    }

    private static Outcome<Pixels> DecodeFrame(Sample sample, WebPHeader animation, ReadOnlySpan<byte> bytes)
    {
        var header = new ImageHeader(ImageFormat.WebP, animation.Frame.Width, animation.Frame.Height, 4) { Alpha = true };
        var decoded = DecodeByOpenCv(sample, header, WebPFrame.Extract(bytes, animation), 1, (false, null));
        if (!decoded.IsValue || animation.Frame == animation.Size)
        {
            return decoded;
        }

        using var frame = decoded.Value;
        var pixels = Pixels.Rent(sample, animation.Size.Width, animation.Size.Height, frame.Channels);
        pixels.Bytes.Fill(byte.MaxValue);
        var (left, top) = animation.Corner;
        for (var y = 0; y < frame.Height; y++)
        {
            var length = frame.Width * frame.Channels;
            frame.Bytes.Slice(y * length, length).CopyTo(pixels.Bytes[((((top + y) * pixels.Width) + left) * frame.Channels)..]);
        }

        return pixels;
    }
}

using System.Buffers.Binary;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Makes a file of its own from the first frame of an animated WebP, so that no later frame is read.</summary>
internal static class WebPFrame
{
    /// <summary>Returns a still WebP file with the frame's picture.</summary>
    public static byte[] Extract(ReadOnlySpan<byte> file, WebPHeader header)
    {
        var picture = file.Slice(header.Picture.Offset, header.Picture.Length);
        Span<byte> extended = stackalloc byte[18];
        "VP8X"u8.CopyTo(extended);
        extended[4] = 10;
        extended[8] = 0x10;
        PutThree(extended[12..], header.Frame.Width - 1);
        PutThree(extended[15..], header.Frame.Height - 1);
        byte[] still = [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8, .. extended, .. picture, .. new byte[picture.Length % 2]];
        BinaryPrimitives.WriteInt32LittleEndian(still.AsSpan(4), still.Length - 8);
        return still;
    }

    private static void PutThree(Span<byte> target, int value) =>
        (target[0], target[1], target[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
}

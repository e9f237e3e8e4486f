using System.Buffers.Binary;
using System.IO.Hashing;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>The chunks of a PNG file that make its still image; all others, those of animations and profiles too, are never looked into.</summary>
internal ref struct PngChunks
{
    /// <summary>Entries of the palette: red, green, blue; empty where there is none.</summary>
    public ReadOnlySpan<byte> Palette { get; private set; }

    /// <summary>Contents of the tRNS chunk; empty where there is none.</summary>
    public ReadOnlySpan<byte> Transparency { get; private set; }

    /// <summary>Compression, filter and interlace method, bytes 10 to 12 of the header.</summary>
    public ReadOnlySpan<byte> Methods { get; private set; }

    /// <summary>Colour type of the header.</summary>
    public byte ColourType { get; private set; }

    /// <summary>First byte of the first IDAT chunk.</summary>
    public int FirstData { get; private set; }

    /// <summary>Number of consecutive IDAT chunks; data chunks after another chunk are ignored, as libpng does.</summary>
    public int DataChunks { get; private set; }

    /// <summary>Bytes of image data in these chunks.</summary>
    public int DataLength { get; private set; }

    /// <summary>Reads the chunks of a file whose structure <see cref="PngHeader"/> has accepted.</summary>
    /// <returns>Null, or the reason why the file is damaged.</returns>
    public string? Read(ReadOnlySpan<byte> file)
    {
        var ended = false;
        for (var at = PngHeader.Signature.Length; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file[at..]);
            var type = file.Slice(at + 4, 4);
            var isData = type.SequenceEqual("IDAT"u8);
            ended |= DataChunks > 0 && !isData;
            if (type.SequenceEqual("IEND"u8))
            {
                break;
            }

            if (isData && !ended)
            {
                AddData(at, length);
            }
            else if (Keep(type, file.Slice(at + 8, length)) && !IsSound(file.Slice(at, 12 + length)))
            {
                // A damaged transparency is ignored, as libpng does; the others are needed.
                if (!type.SequenceEqual("tRNS"u8))
                {
                    return "damaged PNG: a chunk has the wrong checksum";
                }

                Transparency = default;
            }

            at += 12 + length;
        }

        return DataChunks == 0 ? "damaged PNG: it has no image data" : ColourType == 3 && Palette.IsEmpty ? "damaged PNG: it has no palette" : null;
    }

    /// <summary>Whether the checksum of a chunk is that of its type and contents.</summary>
    public static bool IsSound(ReadOnlySpan<byte> chunk) =>
        Crc32.HashToUInt32(chunk[4..^4]) == BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);

    private void AddData(int at, int length)
    {
        FirstData = DataChunks == 0 ? at : FirstData;
        DataChunks++;
        DataLength += length;
    }

    // The first of each kind counts, and only before the image data.
    private bool Keep(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        if (type.SequenceEqual("IHDR"u8))
        {
            ColourType = body[9];
            Methods = body[10..13];
            return true;
        }

        if (DataChunks > 0)
        {
            return false;
        }

        if (type.SequenceEqual("PLTE"u8) && Palette.IsEmpty)
        {
            Palette = body[..Math.Min(768, body.Length / 3 * 3)];
            return true;
        }

        if (type.SequenceEqual("tRNS"u8) && Transparency.IsEmpty)
        {
            Transparency = body;
            return true;
        }

        return false;
    }
}

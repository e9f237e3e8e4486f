using System.Buffers.Binary;

namespace SketchFlow.Data.Files;

/// <summary>The signatures of binary files: bytes at a fixed place, as the formats' specifications give them.</summary>
internal static class FileSignatures
{
    // The first that fits counts, so that longer signatures precede those that they begin with.
    private static readonly (int At, byte[] Bytes, FileKind Kind)[] Table =
    [
        (0, [0xFF, 0xD8, 0xFF, 0xF7], Decodable("a JPEG-LS image")),
        (0, [0xFF, 0xD8, 0xFF], Decodable("a JPEG image")),
        (0, [0x89, .. "PNG\r\n\x1A\n"u8], Decodable("a PNG image")),
        (0, [0x8A, .. "MNG\r\n\x1A\n"u8], Image("an MNG animation")),
        (0, [0x8B, .. "JNG\r\n\x1A\n"u8], Image("a JNG image")),
        (0, [.. "GIF87a"u8], Decodable("a GIF image")),
        (0, [.. "GIF89a"u8], Decodable("a GIF image")),
        (0, [.. "II"u8, 0xBC, 0x01], Image("a JPEG XR image")),
        (0, [.. "IIRO"u8], Image("an Olympus raw image")),
        (0, [.. "IIU\0"u8], Image("a Panasonic raw image")),
        (0, [.. "II*\0"u8], Decodable("a TIFF image")),
        (0, [.. "MM\0*"u8], Decodable("a TIFF image")),
        (0, [.. "II+\0"u8], Decodable("a TIFF image")),
        (0, [.. "MM\0+"u8], Decodable("a TIFF image")),
        (0, [.. "FUJIFILMCCD-RAW"u8], Image("a Fujifilm raw image")),
        (0, [0, 0, 0, 12, .. "jP  \r\n"u8, 0x87, 0x0A], Image("a JPEG 2000 image")),
        (0, [0xFF, 0x4F, 0xFF, 0x51], Image("a JPEG 2000 image")),
        (0, [0, 0, 0, 12, .. "JXL \r\n"u8, 0x87, 0x0A], Image("a JPEG XL image")),
        (0, [0xFF, 0x0A], Image("a JPEG XL image")),
        (0, [.. "8BPS"u8], Image("a Photoshop document")),
        (0, [.. "gimp xcf"u8], Image("a GIMP document")),
        (0, [.. "qoif"u8], Image("a QOI image")),
        (0, [.. "FLIF"u8], Image("a FLIF image")),
        (0, [.. "DDS "u8], Image("a DirectDraw surface")),
        (0, [0x76, 0x2F, 0x31, 0x01], Image("an OpenEXR image")),
        (0, [.. "#?RADIANCE"u8], Image("a Radiance HDR image")),
        (0, [.. "#?RGBE"u8], Image("a Radiance HDR image")),
        (0, [0, 0, 1, 0], Image("a Windows icon")),
        (0, [0, 0, 2, 0], Image("a Windows cursor")),
        (128, [.. "DICM"u8], Image("a DICOM image")),
        (0, [.. "AT&TFORM"u8], Image("a DjVu document")),
        (0, [0xD7, 0xCD, 0xC6, 0x9A], Image("a Windows metafile")),
        (0, [.. "%!PS"u8], Image("a PostScript file")),
        (0, [0xC5, 0xD0, 0xD3, 0xC6], Image("a PostScript file")),
        (0, [.. "%PDF-"u8], Image("a PDF document")),
        (0, [0x1A, 0x45, 0xDF, 0xA3], new FileKind("a Matroska or WebM video")),
        (0, [.. "OggS"u8], new FileKind("an Ogg recording")),
        (0, [.. "fLaC"u8], new FileKind("a FLAC recording")),
        (0, [.. "ID3"u8], new FileKind("an MP3 recording")),
        (0, [.. "PK\x03\x04"u8], Packed("a ZIP archive")),
        (0, [.. "PK\x05\x06"u8], Packed("an empty ZIP archive")),
        (0, [.. "PK\x07\x08"u8], Packed("a ZIP archive of several parts")),
        (0, [0x1F, 0x8B], Packed("a gzip file")),
        (0, [.. "BZh"u8], Packed("a bzip2 file")),
        (0, [0xFD, .. "7zXZ\0"u8], Packed("an xz file")),
        (0, [0x28, 0xB5, 0x2F, 0xFD], Packed("a Zstandard file")),
        (0, [0x04, 0x22, 0x4D, 0x18], Packed("an LZ4 file")),
        (0, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], Packed("a 7-Zip archive")),
        (0, [.. "Rar!\x1A\x07"u8], Packed("a RAR archive")),
        (257, [.. "ustar"u8], Packed("a tar archive")),
        (0, [.. "PAR1"u8], new FileKind("a Parquet file")),
        (0, [.. "ARROW1"u8], new FileKind("an Arrow file")),
        (0, [0x93, .. "NUMPY"u8], new FileKind("a NumPy array")),
        (0, [0x89, .. "HDF\r\n\x1A\n"u8], new FileKind("an HDF5 file")),
        (0, [.. "SQLite format 3\0"u8], new FileKind("an SQLite database")),
        (0, [.. "GGUF"u8], new FileKind("a GGUF model")),
        (0, [0x7F, .. "ELF"u8], new FileKind("a program for Linux")),
        (0, [0, 5, 0x16, 0x07], new FileKind("a companion file of macOS (._name)") { Remedy = "delete it, the file itself has the name without ._" }),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], new FileKind("an Office document or a thumbnail database of Windows")),
    ];

    /// <summary>Finds the kind whose signature the bytes have; null where there is none.</summary>
    public static FileKind? Find(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            return new FileKind("an empty file");
        }

        foreach (var (at, bytes, kind) in Table)
        {
            if (start.Length >= at + bytes.Length && start.Slice(at, bytes.Length).SequenceEqual(bytes))
            {
                return kind;
            }
        }

        return Bmp(start) ?? Riff(start) ?? Pickle(start) ?? Safetensors(start) ?? IsoMedia(start)
            ?? (start.ContainsAnyExcept((byte)0) ? null : new FileKind("a file of zeros") { Remedy = "it was not written completely, fetch it again" });
    }

    private static FileKind Image(string name) => new(name) { IsImage = true };

    private static FileKind Decodable(string name) => new(name) { IsImage = true, IsDecodable = true };

    private static FileKind Packed(string name) => new(name) { Remedy = "unpack it first" };

    // Two letters are a weak signature, so that the size of the second header is needed too.
    private static FileKind? Bmp(ReadOnlySpan<byte> start) =>
        start.Length >= 18 && start.StartsWith("BM"u8) && BinaryPrimitives.ReadUInt32LittleEndian(start[14..]) is >= 12 and <= 256
            ? Decodable("a BMP image")
            : null;

    // Resource Interchange File Format: "RIFF", a length and the kind of content.
    private static FileKind? Riff(ReadOnlySpan<byte> start) => start.Length < 12 || !start.StartsWith("RIFF"u8) ? null
        : start[8..].StartsWith("WEBP"u8) ? Decodable("a WebP image")
        : start[8..].StartsWith("AVI "u8) ? new FileKind("an AVI video")
        : start[8..].StartsWith("WAVE"u8) ? new FileKind("a WAV recording")
        : null;

    private static FileKind? Pickle(ReadOnlySpan<byte> start) => start is [0x80, >= 2 and <= 5, ..] ? new FileKind("a Python pickle") : null;

    // The length of the JSON header, then the header.
    private static FileKind? Safetensors(ReadOnlySpan<byte> start) =>
        start.Length >= 10 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) is >= 2 and <= 100_000_000
            ? new FileKind("a safetensors file")
            : null;

    // ISO/IEC 14496-12: the size of the first box, "ftyp", the main brand, a version and compatible brands.
    private static FileKind? IsoMedia(ReadOnlySpan<byte> start)
    {
        if (start.Length < 12 || !start[4..].StartsWith("ftyp"u8))
        {
            return null;
        }

        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(start), (uint)start.Length);
        for (var at = 8; at + 4 <= length; at += at == 8 ? 8 : 4)
        {
            var brand = start.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
            {
                return Image("an AVIF image");
            }

            if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8))
            {
                return Image("a HEIC image");
            }

            if (brand.SequenceEqual("crx "u8))
            {
                return Image("a Canon raw image");
            }

            if (brand.SequenceEqual("jp2 "u8) || brand.SequenceEqual("jpx "u8))
            {
                return Image("a JPEG 2000 image");
            }
        }

        return start[8..].StartsWith("mif1"u8) || start[8..].StartsWith("msf1"u8) ? Image("a HEIF image") : new FileKind("an MP4 or QuickTime video");
    }
}

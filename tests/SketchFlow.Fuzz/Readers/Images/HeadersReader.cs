using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Decoding.Headers;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>The reader of headers, with files of all formats.</summary>
public sealed class HeadersReader() : Reader("image-header", InputFormat.Bytes)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.*"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        .. ((Reader[])[new JpegReader(), new PngReader(), new ApngReader(), new GifReader(), new BmpReader(), new TiffReader(), new WebPReader()])
            .SelectMany(r => r.CreateSeeds(folder)),
    ];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder) =>
        HeaderReader.Read(input) is not { } header ? "not an image" : header.Fault ?? (header.Orientation is >= 1 and <= 8
            ? null
            : throw new InvalidOperationException($"orientation {header.Orientation}"));
}

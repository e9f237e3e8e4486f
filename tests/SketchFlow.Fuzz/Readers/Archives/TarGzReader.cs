using System.Formats.Tar;
using System.IO.Compression;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Archives;

/// <summary>Compressed tar archives of <c>data prepare</c>.</summary>
public sealed class TarGzReader() : ArchiveReader("tar-gz", InputFormat.Bytes, "a.tar.gz")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        foreach (var body in (byte[][])[TarReader.Tar(TarEntryFormat.Ustar), [.. TarReader.Tar(TarEntryFormat.Ustar), .. new byte[1 << 20]]])
        {
            using var stream = new MemoryStream();
            using (var packed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            {
                packed.Write(body);
            }

            yield return stream.ToArray();
        }
    }
}

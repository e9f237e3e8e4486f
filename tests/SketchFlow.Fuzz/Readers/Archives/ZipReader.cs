using System.IO.Compression;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Archives;

/// <summary>Zip archives of <c>data prepare</c>.</summary>
public sealed class ZipReader() : ArchiveReader("zip", new ZipParts(), "a.zip")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["archives/*.zip"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Zip(CompressionLevel.Fastest), Zip(CompressionLevel.NoCompression)];

    private static byte[] Zip(CompressionLevel level)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, body) in Members)
            {
                var entry = zip.CreateEntry(name, level);
                entry.LastWriteTime = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);
                using var content = entry.Open();
                content.Write(body);
            }
        }

        return stream.ToArray();
    }
}

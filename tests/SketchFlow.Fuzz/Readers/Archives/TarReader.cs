using System.Formats.Tar;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Archives;

/// <summary>Tar archives of <c>data prepare</c>.</summary>
public sealed class TarReader() : ArchiveReader("tar", new TarParts(), "a.tar")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Tar(TarEntryFormat.Ustar), Tar(TarEntryFormat.Pax), Tar(TarEntryFormat.Gnu)];

    /// <summary>Writes an archive.</summary>
    internal static byte[] Tar(TarEntryFormat format)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var (name, body) in Members)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                    _ => new GnuTarEntry(TarEntryType.RegularFile, name) { AccessTime = DateTimeOffset.UnixEpoch, ChangeTime = DateTimeOffset.UnixEpoch },
                };
                entry.ModificationTime = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);
                entry.DataStream = new MemoryStream(body);
                tar.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }
}

using System.Formats.Tar;
using System.IO.Compression;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>
/// A tar file, also compressed with gzip, with …/class/image at any depth. It is read from start to end, once for the list and once for the bytes.
/// </summary>
/// <param name="file">Path of the file.</param>
/// <param name="options">The limits.</param>
internal sealed class TarImages(string file, PreparationOptions options) : ImageArchive
{
    private TarReader? _reader;
    private long _number;

    /// <inheritdoc/>
    public override IEnumerable<ArchivedImage> Images()
    {
        var limits = new ArchiveLimits(file, options);
        using var reader = Open();
        for (var number = 1L; Next(reader) is { } entry; number++)
        {
            limits.Add(entry.Length);
            if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                throw new RefusalException($"The names in {file} are not UTF-8; unpack the archive, and give the folder instead.");
            }

            if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                if (Names.PlaceMember(number, entry.Name) is not null)
                {
                    Names.Reject(number, entry.Name, "it is a link");
                }
            }
            else if (IsFile(entry) && Names.PlaceMember(number, entry.Name) is var (className, folder, name))
            {
                yield return new ArchivedImage(className, folder, name, entry.Length, number) { Order = number };
            }
        }
    }

    /// <inheritdoc/>
    public override void Copy(ArchivedImage image, Stream target)
    {
        if (_reader is null || _number >= image.Order)
        {
            _reader?.Dispose();
            (_reader, _number) = (Open(), 0);
        }

        TarEntry? entry = null;
        while (_number < image.Order)
        {
            entry = Next(_reader) ?? throw Damaged(new EndOfStreamException("it has changed since it was listed"));
            _number++;
        }

        try
        {
            entry?.DataStream?.CopyTo(target);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(e);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reader?.Dispose();
        base.Dispose();
    }

    private static bool IsFile(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;

    private TarReader Open()
    {
        Stream bytes = File.OpenRead(file);
        var isPacked = bytes.ReadByte() == 0x1F && bytes.ReadByte() == 0x8B;
        bytes.Position = 0;
        return new TarReader(new TarHeaderGuard(isPacked ? new GZipStream(bytes, CompressionMode.Decompress) : bytes));
    }

    private TarEntry? Next(TarReader reader)
    {
        try
        {
            return reader.GetNextEntry();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw Damaged(e);
        }
    }

    private RefusalException Damaged(Exception e) =>
        new($"{file} is a damaged or incomplete tar file ({e.Message.TrimEnd('.')}); download it again.", e);
}

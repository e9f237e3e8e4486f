using System.Collections.ObjectModel;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>A zip file with …/class/image at any depth.</summary>
internal sealed class ZipImages : ImageArchive
{
    private const int FileTypeMask = 0xF000;
    private const int SymbolicLink = 0xA000;

    private readonly string _file;
    private readonly PreparationOptions _options;
    private readonly ZipArchive _zip;
    private readonly ZipArchive _raw;

    /// <summary>Opens a zip file.</summary>
    /// <exception cref="RefusalException">It is damaged.</exception>
    public ZipImages(string file, PreparationOptions options)
    {
        (_file, _options) = (file, options);
        _zip = Open(file, null);
        // Names without the flag for UTF-8 keep their bytes in Latin-1.
        _raw = Open(file, Encoding.Latin1);
    }

    /// <inheritdoc/>
    public override IEnumerable<ArchivedImage> Images()
    {
        var limits = new ArchiveLimits(_file, _options);
        var number = 0;
        foreach (var (entry, raw) in Entries(_zip).Zip(Entries(_raw)))
        {
            number++;
            limits.Add(entry.Length);
            if (FindName(entry, raw) is not { } path)
            {
                Names.Reject(number, raw.FullName, $"its name is not text in {_options.Encoding}");
            }
            else if (Names.PlaceMember(number, path) is var (className, folder, name))
            {
                if (((entry.ExternalAttributes >> 16) & FileTypeMask) == SymbolicLink)
                {
                    Names.Reject(number, path, "it is a link");
                    continue;
                }

                if (entry.IsEncrypted)
                {
                    throw new RefusalException(
                        $"{PrintableText.Line(path)} in {_file} is encrypted; unpack the archive with its password, and give the folder instead.");
                }

                yield return new ArchivedImage(className, folder, name, entry.Length, entry);
            }
        }
    }

    /// <inheritdoc/>
    public override void Copy(ArchivedImage image, Stream target)
    {
        var entry = (ZipArchiveEntry)image.Source;
        try
        {
            using var stream = Open(image, entry);
            var (crc, buffer, length) = (new Crc32(), new byte[1 << 16], 0L);
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                length += read;
                if (length > entry.Length)
                {
                    throw new InvalidDataException($"it has more than the {entry.Length} bytes that its directory gives");
                }

                crc.Append(buffer.AsSpan(0, read));
                target.Write(buffer, 0, read);
            }

            // .NET does not verify the checksum of a zip entry.
            if (crc.GetCurrentHashAsUInt32() != entry.Crc32)
            {
                throw new InvalidDataException($"CRC-32 {crc.GetCurrentHashAsUInt32():x8}, expected {entry.Crc32:x8}");
            }
        }
        catch (InvalidDataException e)
        {
            throw new RefusalException(
                $"{image.Class}/{image.Name} in {_file} is damaged ({e.Message.TrimEnd('.')}); "
                + "download the archive again, and repeat the command.", e);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _zip.Dispose();
        _raw.Dispose();
        base.Dispose();
    }

    private Stream Open(ArchivedImage image, ZipArchiveEntry entry)
    {
        try
        {
            return entry.Open();
        }
        catch (Exception e) when (e is NotSupportedException
            || (e is InvalidDataException && e.Message.Contains("compress", StringComparison.OrdinalIgnoreCase)))
        {
            throw new RefusalException(
                $"{image.Class}/{image.Name} in {_file} is compressed by a method that is not supported ({e.Message.TrimEnd('.')}), "
                + "expected deflate or none; unpack the archive, and give the folder instead.", e);
        }
    }

    // A name with the flag for UTF-8 is the same in both views; of the others the bytes decide, or the encoding that was given.
    private string? FindName(ZipArchiveEntry entry, ZipArchiveEntry raw)
    {
        if (entry.FullName == raw.FullName)
        {
            return entry.FullName;
        }

        var bytes = Encoding.Latin1.GetBytes(raw.FullName);
        if (_options.Encoding is { } given)
        {
            var encoding = TextEncodings.Find(given);
            return TextEncodings.CanDecode(bytes, encoding) ? encoding.GetString(bytes) : null;
        }

        return TextEncodings.CanDecode(bytes, TextEncodings.Utf8)
            ? entry.FullName
            : throw new RefusalException(
                $"The names in {_file} are not UTF-8 but {EncodingGuess.Describe(bytes)}; give their encoding, such as --encoding cp949.");
    }

    private ReadOnlyCollection<ZipArchiveEntry> Entries(ZipArchive zip)
    {
        try
        {
            new ArchiveLimits(_file, _options).CheckCount(zip.Entries.Count);
            return zip.Entries;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(_file, e);
        }
    }

    private static ZipArchive Open(string file, Encoding? names)
    {
        try
        {
            return ZipFile.Open(file, ZipArchiveMode.Read, names);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw Damaged(file, e);
        }
    }

    private static RefusalException Damaged(string file, Exception e) =>
        new($"{file} is a damaged or incomplete zip file ({e.Message.TrimEnd('.')}); download it again.", e);
}

using System.IO.Compression;
using System.IO.Hashing;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Labelled images as published: one folder per class, a zip file of that, or Parquet shards.</summary>
internal abstract class ImageArchive : IDisposable
{
    /// <summary>Opens a folder (in any layout that <see cref="DataSetReader.Read"/> supports) or a zip file.</summary>
    /// <exception cref="RefusalException">It is neither, or it is damaged.</exception>
    public static ImageArchive Open(string source) =>
        File.Exists(source) && source.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new Zip(source)
        : !Directory.Exists(source) ? throw new RefusalException($"No folder or .zip file {source}; expected ImageNet-Sketch as published.")
        : new Opened(DataSetReader.Read(EnterSingleFolder(source)));

    // The published zip file unpacks into one folder "sketch" that holds the classes; the folder around it is accepted as well.
    private static string EnterSingleFolder(string folder)
    {
        while (Directory.GetFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith('.')).ToArray() is [var only] && Directory.Exists(only)
            && Directory.EnumerateDirectories(only).Any())
        {
            folder = only;
        }

        return folder;
    }

    /// <summary>Lists all images that have a class.</summary>
    public abstract IEnumerable<ArchivedImage> Images();

    /// <summary>Copies the bytes of an image.</summary>
    /// <exception cref="RefusalException">The image is damaged.</exception>
    public abstract void Copy(ArchivedImage image, Stream target);

    public virtual void Dispose() { }

    /// <summary>A zip file with …/class/image at any depth.</summary>
    private sealed class Zip(string file) : ImageArchive
    {
        private readonly ZipArchive _zip = Open(file);

        public override IEnumerable<ArchivedImage> Images()
        {
            var taken = new HashSet<(string, string)>();
            foreach (var entry in _zip.Entries)
            {
                var parts = entry.FullName.Split('/', '\\');
                if (parts.Length < 2 || !DataSetReader.IsImageFile(entry.Name) || parts.Any(p => p is ".." or "__MACOSX"))
                {
                    continue;
                }

                // train/cat/1.png and val/cat/1.png are two images of class cat.
                var name = parts[^1];
                while (!taken.Add((parts[^2], name)))
                {
                    name = $"_{name}";
                }

                yield return new ArchivedImage(parts[^2], name, entry.Length, entry);
            }
        }

        public override void Copy(ArchivedImage image, Stream target)
        {
            try
            {
                var entry = (ZipArchiveEntry)image.Source;
                using var stream = entry.Open();
                var (crc, buffer) = (new Crc32(), new byte[1 << 16]);
                for (int read; (read = stream.Read(buffer)) > 0;)
                {
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
                    $"{image.Class}/{image.Name} in {file} is damaged ({e.Message.TrimEnd('.')}); "
                    + "download the archive again, and repeat the command.", e);
            }
        }

        public override void Dispose()
        {
            _zip.Dispose();
            base.Dispose();
        }

        private static new ZipArchive Open(string file)
        {
            try
            {
                return ZipFile.OpenRead(file);
            }
            catch (InvalidDataException e)
            {
                throw new RefusalException($"{file} is a damaged or incomplete zip file ({e.Message.TrimEnd('.')}); download it again.", e);
            }
        }
    }

    /// <summary>All labelled images of a data set in one of the supported layouts.</summary>
    private sealed class Opened(DataSet data) : ImageArchive
    {
        public override IEnumerable<ArchivedImage> Images()
        {
            var taken = new HashSet<(int, string)>();
            foreach (var sample in data.Train.Concat(data.Validation).Concat(data.Test).Where(s => s is { Target: not null, Fault: null }))
            {
                var name = Path.GetFileName(sample.ImagePath);
                while (!taken.Add((sample.Target!.Value, name)))
                {
                    name = $"_{name}";
                }

                yield return new ArchivedImage(data.Classes[sample.Target.Value], name, sample.Section?.Length ?? new FileInfo(sample.File).Length, sample);
            }
        }

        public override void Copy(ArchivedImage image, Stream target)
        {
            using var bytes = ((Sample)image.Source).OpenRead();
            bytes.CopyTo(target);
        }
    }
}

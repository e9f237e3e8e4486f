using System.Collections.Immutable;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline;

/// <summary>How a data set as published becomes a competition.</summary>
public sealed record PreparationOptions
{
    /// <summary>Classes kept: those with most images; ties go to the name that sorts first.</summary>
    public int Classes { get; init; } = 500;

    /// <summary>Share of each class's images that is given with its label, (0, 1); the rest is the test set.</summary>
    public double Train { get; init; } = 0.6;

    /// <summary>Seed of the split and of the test set's order.</summary>
    public long Seed { get; init; } = 1;
}

/// <summary>What preparing came to.</summary>
/// <param name="Classes">Classes kept.</param>
/// <param name="Train">Training images.</param>
/// <param name="Test">Test images.</param>
/// <param name="Kept">Images that an earlier, interrupted preparation had written already.</param>
/// <param name="Answers">The file of the test set's labels, outside of the data set's folder.</param>
public sealed record PreparationReport(int Classes, int Train, int Test, int Kept, string Answers);

/// <summary>
/// Brings ImageNet-Sketch as published (a folder a class, a zip of it, or Parquet shards) into the competition layout: train.csv, train/, test.csv,
/// test/, sample_submission.csv, and the hidden labels in a file beside the folder.
/// </summary>
/// <remarks>
/// Images appear whole or not at all and the tables come last, train.csv last of all: a folder that was interrupted is no data set yet, and the
/// same command goes on where it stopped. A plan file says what the folder is being made of, so that another source or seed is refused.
/// </remarks>
public static class DataPreparation
{
    private const string PlanFile = "prepare.json";

    private static readonly string[] _endings = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"];

    /// <summary>Prepares.</summary>
    /// <param name="options">Which classes, which share, which seed.</param>
    /// <param name="source">A folder or a .zip file.</param>
    /// <param name="folder">Where the data set goes.</param>
    /// <param name="progress">Told (images done, images in all).</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="RefusalException">The source holds too little, or the folder is of another preparation.</exception>
    public static PreparationReport Run(PreparationOptions options, string source, string folder, Action<int, int> progress, CancellationToken cancellation = default)
    {
        if (options.Classes < 2 || options.Train is not (> 0 and < 1))
        {
            throw new RefusalException($"{options.Classes} classes and a training share of {options.Train} make no competition; give 2 classes or more and a share between 0 and 1.");
        }

        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var answers = $"{folder}.answers.csv";
        using var archive = Archive.Open(source);
        var rows = Plan(options, archive.Images());
        Claim(options, source, folder, rows.Count);
        var kept = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var target = Path.Combine(folder, rows[i].Split, rows[i].Path);
            // A file with its final name was written whole; only an empty or other-sized one of the user's is written again.
            if (new FileInfo(target) is { Exists: true } there && (rows[i].Image.Length < 0 ? there.Length > 0 : there.Length == rows[i].Image.Length))
            {
                kept++;
            }
            else
            {
                WholeFile.Write(target, stream => archive.Copy(rows[i].Image, stream));
            }

            progress(i + 1, rows.Count);
        }

        WriteTables(folder, answers, rows);
        var test = rows.Count(r => r.Split == "test");
        return new PreparationReport(options.Classes, rows.Count - test, test, kept, answers);
    }

    // Classes by number of images, targets by name; within a class a seeded order whose first share is for training.
    private static List<Row> Plan(PreparationOptions options, IEnumerable<ArchivedImage> images)
    {
        var classes = images.GroupBy(i => i.Class, StringComparer.Ordinal).Select(g => (Name: g.Key, Images: g.OrderBy(i => i.Name, StringComparer.Ordinal).ToList())).ToList();
        var largest = classes.Where(c => c.Images.Count >= 2)
            .OrderByDescending(c => c.Images.Count).ThenBy(c => c.Name, StringComparer.Ordinal).Take(options.Classes).OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        if (largest.Count < options.Classes)
        {
            throw new RefusalException($"There are {classes.Count} classes, {largest.Count} of them with two images or more, where {options.Classes} are asked for; give --classes {largest.Count} or another source.");
        }

        var (train, test) = (new List<Row>(), new List<(ulong Place, Row Row)>());
        for (var target = 0; target < largest.Count; target++)
        {
            var (name, own) = largest[target];
            var chance = Chance.For(options.Seed, 0, target, "prepare");
            var order = own.ToArray();
            chance.Shuffle(order.AsSpan());
            var count = Math.Clamp((int)Math.Round(order.Length * options.Train, MidpointRounding.AwayFromZero), 1, order.Length - 1);
            train.AddRange(order.Take(count).OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new Row("train", $"{name}/{i.Name}", name, target, i)));
            foreach (var image in order.Skip(count))
            {
                test.Add((chance.NextBits(), new Row("test", "", name, target, image)));
            }
        }

        // Test names and places say nothing of the class.
        var hidden = test.OrderBy(t => t.Place).Select((t, id) => t.Row with { Path = $"{id}{Path.GetExtension(t.Row.Image.Name)}" });
        return [.. train, .. hidden];
    }

    private static void Claim(PreparationOptions options, string source, string folder, int images)
    {
        var plan = JsonSerializer.Serialize(new { source = Path.GetFullPath(source), options.Classes, options.Train, options.Seed, images });
        var file = Path.Combine(folder, PlanFile);
        if (File.Exists(file) && File.ReadAllText(file) is var found && found != plan)
        {
            throw new RefusalException($"{folder} was begun as {found} and is now asked for as {plan}; choose another folder, or remove this one.");
        }

        if (!File.Exists(file) && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new RefusalException($"{folder} holds other files; choose an empty folder.");
        }

        WholeFile.WriteText(file, plan);
    }

    private static void WriteTables(string folder, string answers, List<Row> rows)
    {
        var (train, test) = (rows.Where(r => r.Split == "train").ToList(), rows.Where(r => r.Split == "test").ToList());
        CsvFile.Write(answers, test.Select((r, id) => new { ID = id, image_path = r.Path, class_name = r.Class, target = r.Target }));
        CsvFile.Write(Path.Combine(folder, "sample_submission.csv"), test.Select((r, id) => new { ID = id, image_path = r.Path, target = 0 }));
        CsvFile.Write(Path.Combine(folder, "test.csv"), test.Select(r => new { image_path = r.Path }));
        CsvFile.Write(Path.Combine(folder, "train.csv"), train.Select(r => new { class_name = r.Class, image_path = r.Path, target = r.Target }));
    }

    private sealed record Row(string Split, string Path, string Class, int Target, ArchivedImage Image);

    /// <summary>One image of the source.</summary>
    /// <param name="Class">Its class's name.</param>
    /// <param name="Name">Its file name, unique within the class.</param>
    /// <param name="Length">Bytes; -1 where that is not known before reading.</param>
    /// <param name="Where">What the archive finds it by.</param>
    private sealed record ArchivedImage(string Class, string Name, long Length, object Where);

    /// <summary>A source of images by class.</summary>
    private abstract class Archive : IDisposable
    {
        public static Archive Open(string source) =>
            File.Exists(source) && source.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new Zip(source)
            : !Directory.Exists(source) ? throw new RefusalException($"There is no folder or .zip file {source}; give ImageNet-Sketch as published.")
            : new Opened(DataSets.Open(Within(source)));

        // The published zip unpacks into one folder "sketch" that holds the classes: the folder around it is meant as well.
        private static string Within(string folder)
        {
            while (Directory.GetFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith('.')).ToArray() is [var only] && Directory.Exists(only)
                && Directory.EnumerateDirectories(only).Any())
            {
                folder = only;
            }

            return folder;
        }

        public abstract IEnumerable<ArchivedImage> Images();

        public abstract void Copy(ArchivedImage image, Stream target);

        public virtual void Dispose() { }

        protected static bool IsImage(string name) => _endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>…/class/image, however deep within the zip.</summary>
    private sealed class Zip(string file) : Archive
    {
        private readonly ZipArchive _zip = Open(file);

        public override IEnumerable<ArchivedImage> Images()
        {
            var taken = new HashSet<(string, string)>();
            foreach (var entry in _zip.Entries)
            {
                var parts = entry.FullName.Split('/', '\\');
                if (parts.Length < 2 || !IsImage(entry.Name) || parts.Any(p => p is ".." or "__MACOSX") || entry.Name.StartsWith('.'))
                {
                    continue;
                }

                // train/cat/1.png and val/cat/1.png are two images of one class.
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
                var entry = (ZipArchiveEntry)image.Where;
                using var stream = entry.Open();
                var (crc, buffer) = (new Crc32(), new byte[1 << 16]);
                for (int read; (read = stream.Read(buffer)) > 0;)
                {
                    crc.Append(buffer.AsSpan(0, read));
                    target.Write(buffer, 0, read);
                }

                // .NET reads a member whatever its checksum says.
                if (crc.GetCurrentHashAsUInt32() != entry.Crc32)
                {
                    throw new InvalidDataException($"its CRC-32 is {crc.GetCurrentHashAsUInt32():x8} and should be {entry.Crc32:x8}");
                }
            }
            catch (InvalidDataException e)
            {
                throw new RefusalException($"{image.Class}/{image.Name} is damaged within {file} ({e.Message.TrimEnd('.')}); fetch the archive again, and the same command goes on.", e);
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
                throw new RefusalException($"{file} is no whole zip archive ({e.Message.TrimEnd('.')}); fetch it again.", e);
            }
        }
    }

    /// <summary>All labelled images of a data set in one of the layouts.</summary>
    private sealed class Opened(DataSet data) : Archive
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
            using var bytes = ((Sample)image.Where).OpenRead();
            bytes.CopyTo(target);
        }
    }
}

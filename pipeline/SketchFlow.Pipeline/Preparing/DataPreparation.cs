using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>
/// Converts ImageNet-Sketch as published (one folder per class, a zip or tar file of that, or Parquet shards) to the competition layout: train.csv, train/,
/// test.csv, test/, sample_submission.csv, and the hidden labels in a file next to the folder.
/// </summary>
/// <remarks>
/// Every image is written atomically, and the tables follow last, train.csv after all others: an interrupted folder is not yet a data set, and the same
/// command resumes. A plan file records the source and the options, so that resuming with others is refused.
/// </remarks>
public static class DataPreparation
{
    private const string PlanFile = "prepare.json";

    // Earlier versions wrote the keys in mixed case; such folders can still be resumed.
    private static readonly JsonSerializerOptions Keys = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true };

    /// <summary>Prepares a data set.</summary>
    /// <param name="options">Classes, training fraction and seed.</param>
    /// <param name="source">The published data: a folder, or a .zip, .tar, .tar.gz or .tgz file.</param>
    /// <param name="folder">The folder of the prepared data set.</param>
    /// <param name="progress">Receives the number of finished images and their total number.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="RefusalException">The source has too few classes or images, or the folder belongs to another preparation.</exception>
    public static PreparationReport Run(
        PreparationOptions options, string source, string folder, Action<int, int> progress, CancellationToken cancellation = default)
    {
        if (options.Classes < 2 || options.Train is not (> 0 and < 1))
        {
            throw new RefusalException(
                $"Expected at least 2 classes and a training fraction between 0 and 1, got {options.Classes} and {options.Train}.");
        }

        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var answers = $"{folder}.answers.csv";
        using var archive = ImageArchive.Open(source, options);
        var rows = PlanRows(options, archive.Images());
        ClaimFolder(options, source, folder, rows.Count);
        DeadTemporaries.Delete(folder);
        CheckSpace(folder, rows);
        var kept = CopyImages(archive, folder, rows, progress, cancellation);
        WriteTables(folder, answers, rows);
        var rejections = $"{folder}.rejected.csv";
        RejectionStore.Write(rejections, archive.Rejected);
        var test = rows.Count(r => r.Split == "test");
        return new PreparationReport(options.Classes, rows.Count - test, test, kept, answers)
        {
            Rejected = archive.Rejected,
            Rejections = rejections,
            NotUsed = archive.NotUsed,
        };
    }

    private static int CopyImages(ImageArchive archive, string folder, List<Row> rows, Action<int, int> progress, CancellationToken cancellation)
    {
        var (kept, done) = (0, 0);
        foreach (var row in rows.OrderBy(r => r.Image.Order))
        {
            cancellation.ThrowIfCancellationRequested();
            if (IsWritten(folder, row))
            {
                kept++;
            }
            else
            {
                WholeFile.Write(Path.Combine(folder, row.Split, row.Path), stream => archive.Copy(row.Image, stream));
            }

            progress(++done, rows.Count);
        }

        return kept;
    }

    // A file with its final name is complete, because it was written atomically; an empty file or one of another size is not ours and is replaced.
    private static bool IsWritten(string folder, Row row) => new FileInfo(Path.Combine(folder, row.Split, row.Path)) is { Exists: true } there
        && (row.Image.Length < 0 ? there.Length > 0 : there.Length == row.Image.Length);

    private static void CheckSpace(string folder, List<Row> rows)
    {
        var needed = rows.Where(r => !IsWritten(folder, r)).Sum(r => (double)Math.Max(0, r.Image.Length));
        if (SystemErrors.FreeBytes(folder) is { } free && free < needed)
        {
            throw new RefusalException(
                $"The images need {needed / 1e6:0} MB more, but the disk of {folder} has {free / 1e6:0} MB free; free some space, or choose another --out.");
        }
    }

    // Selects classes by number of images and numbers them by name; shuffles each class, whose first images become the training set.
    private static List<Row> PlanRows(PreparationOptions options, IEnumerable<ArchivedImage> images)
    {
        var classes = images.GroupBy(i => i.Class, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Images: g.OrderBy(i => i.Name, StringComparer.Ordinal).ToList())).ToList();
        var largest = classes.Where(c => c.Images.Count >= 2)
            .OrderByDescending(c => c.Images.Count).ThenBy(c => c.Name, StringComparer.Ordinal).Take(options.Classes)
            .OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        if (largest.Count < options.Classes)
        {
            throw new RefusalException(
                $"Expected {options.Classes} classes with at least two images, found {largest.Count} (of {classes.Count} classes); "
                + $"use --classes {largest.Count} or another source.");
        }

        var (train, test) = (new List<Row>(), new List<(ulong Place, Row Row)>());
        for (var target = 0; target < largest.Count; target++)
        {
            var (name, own) = largest[target];
            var random = KeyedRandom.For(options.Seed, 0, target, "prepare");
            var order = own.ToArray();
            random.Shuffle(order.AsSpan());
            var count = Math.Clamp((int)Math.Round(order.Length * options.Train, MidpointRounding.AwayFromZero), 1, order.Length - 1);
            train.AddRange(
                order.Take(count).OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new Row("train", $"{i.Folder}/{i.Name}", name, target, i)));
            foreach (var image in order.Skip(count))
            {
                test.Add((random.NextBits(), new Row("test", "", name, target, image)));
            }
        }

        // Names and order of the test images do not reveal the class.
        var hidden = test.OrderBy(t => t.Place).Select((t, id) => t.Row with { Path = $"{id}{Path.GetExtension(t.Row.Image.Name)}" });
        return [.. train, .. hidden];
    }

    private static void ClaimFolder(PreparationOptions options, string source, string folder, int images)
    {
        var plan = new Preparation(Path.GetFullPath(source), options.Classes, options.Train, options.Seed, images);
        var file = Path.Combine(folder, PlanFile);
        if (File.Exists(file))
        {
            var found = File.ReadAllText(file);
            if (Preparation.Parse(found) != plan)
            {
                throw new RefusalException($"{folder} was started as {found} but {plan.ToJson()} was requested; choose another folder, or delete this one.");
            }
        }
        else if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new RefusalException($"{folder} contains other files; choose an empty folder.");
        }
        else
        {
            WholeFile.WriteText(file, plan.ToJson());
        }
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

    /// <summary>The source and options of a folder: the content of the plan file.</summary>
    private sealed record Preparation(string Source, int Classes, double Train, long Seed, int Images)
    {
        public static Preparation? Parse(string json)
        {
            try
            {
                return JsonSerializer.Deserialize<Preparation>(json, Keys);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        public string ToJson() => JsonSerializer.Serialize(this, Keys);
    }
}

using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>
/// Converts ImageNet-Sketch as published (one folder per class, a zip file of that, or Parquet shards) to the competition layout: train.csv, train/,
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
    /// <param name="source">The published data: a folder or a .zip file.</param>
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
        using var archive = ImageArchive.Open(source);
        var rows = PlanRows(options, archive.Images());
        ClaimFolder(options, source, folder, rows.Count);
        var kept = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var target = Path.Combine(folder, rows[i].Split, rows[i].Path);
            // A file with its final name is complete, because it was written atomically; an empty file or one of another size is not ours and is replaced.
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
                order.Take(count).OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new Row("train", $"{name}/{i.Name}", name, target, i)));
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

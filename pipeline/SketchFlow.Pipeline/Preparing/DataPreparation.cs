using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

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

    // Keys were written in mixed case once; folders begun then go on.
    private static readonly JsonSerializerOptions Keys = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true };

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
        using var archive = ImageArchive.Open(source);
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
            var chance = KeyedRandom.For(options.Seed, 0, target, "prepare");
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
        var plan = new Preparation(Path.GetFullPath(source), options.Classes, options.Train, options.Seed, images);
        var file = Path.Combine(folder, PlanFile);
        if (File.Exists(file))
        {
            var found = File.ReadAllText(file);
            if (Preparation.Parse(found) != plan)
            {
                throw new RefusalException($"{folder} was begun as {found} and is now asked for as {plan.ToJson()}; choose another folder, or remove this one.");
            }
        }
        else if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new RefusalException($"{folder} holds other files; choose an empty folder.");
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

    /// <summary>What a folder is being made of: the plan file's text.</summary>
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

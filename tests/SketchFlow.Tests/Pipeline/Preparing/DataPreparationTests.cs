using System.IO.Compression;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Pipeline.Preparing;

/// <summary>Data sets as published, brought into the competition layout.</summary>
public sealed class DataPreparationTests
{
    [Fact]
    public void Folder_zip_and_shards_of_the_same_images_become_the_same_competition_in_shape()
    {
        using var folder = new TemporaryFolder();
        var published = Published(folder.Root);
        var zip = Path.Combine(folder.Root, "published.zip");
        ZipFile.CreateFromDirectory(published, zip);
        var options = new PreparationOptions { Classes = 3, Train = 0.6 };
        var shards = Path.Combine(folder.Root, "shards");
        var files = Directory.EnumerateFiles(published, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var rows = files.Select((f, i) =>
            $"({i}, {{'bytes': from_hex('{Convert.ToHexString(File.ReadAllBytes(f))}'), 'path': '{Path.GetFileName(f)}'}}, "
            + $"'{Path.GetFileName(Path.GetDirectoryName(f))}')");
        PublishedImages.WriteShard(
            $"SELECT image, label FROM (VALUES {string.Join(", ", rows)}) t(id, image, label) ORDER BY id",
            Path.Combine(shards, "data", "train-00000-of-00001.parquet"));
        foreach (var source in new[] { published, zip, shards })
        {
            var target = Path.Combine(folder.Root, "out-" + Path.GetFileName(source));
            var report = DataPreparation.Run(options, source, target, (_, _) => { });

            // Classes of 10, 8, 7 and 5 images: the smallest is not selected.
            Assert.Equal((3, 15, 10, 0), (report.Classes, report.Train, report.Test, report.Kept));
            var data = DataSetReader.Read(target);
            Assert.Equal(["n1", "n2", "n3"], data.Classes);
            Assert.Equal([6, 5, 4], Enumerable.Range(0, 3).Select(c => data.Train.Count(s => s.Target == c)));
            Assert.All(data.Train.Concat(data.Test), s => Assert.True(File.Exists(s.File), s.File));
            Assert.Equal(report.Test + 1, File.ReadAllLines(report.Answers).Length);
            Assert.False(report.Answers.StartsWith(target + "/", StringComparison.Ordinal));
            Assert.Equal(report.Test + 1, File.ReadAllLines(Path.Combine(target, "sample_submission.csv")).Length);

            // Every image is in one split: the images of both splits together are those of the three classes.
            var kept = Directory.EnumerateFiles(published, "*.png", SearchOption.AllDirectories).Where(f => !f.Contains("n4", StringComparison.Ordinal));
            Assert.Equal(Hashes(kept), Hashes(data.Train.Concat(data.Test).Select(s => s.File)));
        }

        foreach (var table in new[] { "train.csv", "test.csv", "sample_submission.csv" })
        {
            var expected = File.ReadAllText(Path.Combine(folder.Root, "out-published", table));
            Assert.Equal(expected, File.ReadAllText(Path.Combine(folder.Root, "out-published.zip", table)));
            Assert.Equal(expected, File.ReadAllText(Path.Combine(folder.Root, "out-shards", table)));
        }
    }

    [Fact]
    public void An_interrupted_preparation_is_not_a_data_set_and_resumes_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var published = Published(folder.Root);
        var options = new PreparationOptions { Classes = 4 };
        var (whole, broken) = (Path.Combine(folder.Root, "whole"), Path.Combine(folder.Root, "broken"));
        DataPreparation.Run(options, published, whole, (_, _) => { });
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DataPreparation.Run(
            options, published, broken, (done, _) =>
            {
                if (done == 7)
                {
                    stop.Cancel();
                }
            },
            stop.Token));
        Assert.False(File.Exists(Path.Combine(broken, "train.csv")));
        Assert.Throws<RefusalException>(() => DataPreparation.Run(options with { Seed = 2 }, published, broken, (_, _) => { }));
        Assert.Equal(7, DataPreparation.Run(options, published, broken, (_, _) => { }).Kept);
        foreach (var file in Directory.EnumerateFiles(whole, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(broken, Path.GetRelativePath(whole, file))));
        }

        Assert.Empty(Directory.EnumerateFiles(broken, "*.tmp", SearchOption.AllDirectories));
        Assert.Throws<RefusalException>(() => DataPreparation.Run(options with { Classes = 5 }, published, Path.Combine(folder.Root, "more"), (_, _) => { }));
    }

    [Fact]
    public void A_folder_around_the_published_folder_is_accepted_and_a_damaged_zip_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        var published = Published(Path.Combine(folder.Root, "unpacked"));
        var options = new PreparationOptions { Classes = 4 };
        var (around, direct, target) = (Path.Combine(folder.Root, "around"), Path.Combine(folder.Root, "direct"), Path.Combine(folder.Root, "target"));
        DataPreparation.Run(options, Path.Combine(folder.Root, "unpacked"), around, (_, _) => { });
        DataPreparation.Run(options, published, direct, (_, _) => { });
        Assert.Equal(File.ReadAllText(Path.Combine(direct, "train.csv")), File.ReadAllText(Path.Combine(around, "train.csv")));

        folder.With("bad.zip", "PK and no more");
        var bad = Assert.Throws<RefusalException>(() => DataPreparation.Run(options, Path.Combine(folder.Root, "bad.zip"), target, (_, _) => { }));
        Assert.Contains("bad.zip", bad.Message, StringComparison.Ordinal);

        // The table of contents is intact, the images are damaged: no partial files, and no data set.
        var zip = Path.Combine(folder.Root, "damaged.zip");
        ZipFile.CreateFromDirectory(published, zip, CompressionLevel.NoCompression, includeBaseDirectory: false);
        var bytes = File.ReadAllBytes(zip);
        for (var at = 0; (at = bytes.AsSpan(at).IndexOf("IDAT"u8) is >= 0 and var next ? at + next : -1) >= 0; at += 4)
        {
            bytes[at + 5] ^= 0xFF;
        }

        File.WriteAllBytes(zip, bytes);
        var damaged = Assert.Throws<RefusalException>(() => DataPreparation.Run(options, zip, target, (_, _) => { }));
        Assert.Contains($"in {zip} is damaged", damaged.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(target, "train.csv")));
        Assert.DoesNotContain(Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories), f => Path.GetExtension(f) is ".png" or ".tmp");
    }

    [Fact]
    public void Images_of_one_name_in_two_parts_of_a_zip_are_two_images()
    {
        using var folder = new TemporaryFolder();
        var drawings = PublishedImages.Drawings(8);
        for (var i = 0; i < 8; i++)
        {
            var place = Path.Combine(folder.Root, "source", i % 2 == 0 ? "train" : "val", i < 4 ? "cat" : "dog");
            Directory.CreateDirectory(place);
            File.WriteAllBytes(Path.Combine(place, $"{i / 2 % 2}.png"), drawings[i]);
        }

        var (zip, target) = (Path.Combine(folder.Root, "two.zip"), Path.Combine(folder.Root, "target"));
        ZipFile.CreateFromDirectory(Path.Combine(folder.Root, "source"), zip);
        var report = DataPreparation.Run(new PreparationOptions { Classes = 2 }, zip, target, (_, _) => { });
        Assert.Equal(8, report.Train + report.Test);
        var written = Directory.EnumerateFiles(target, "*.png", SearchOption.AllDirectories).Select(f => Convert.ToHexString(File.ReadAllBytes(f)));
        Assert.Equal(8, written.Distinct().Count());
    }

    [Fact]
    public void By_default_the_500_largest_classes_are_kept_and_split_60_to_40()
    {
        var defaults = new PreparationOptions();
        Assert.Equal((500, 0.6), (defaults.Classes, defaults.Train));
        using var folder = new TemporaryFolder();
        var image = PublishedImages.Drawings(1)[0];
        for (var c = 0; c < 503; c++)
        {
            var place = Path.Combine(folder.Root, "source", $"n{c:0000}");
            Directory.CreateDirectory(place);
            for (var i = 0; i < (c % 100 == 7 && c < 300 ? 2 : 3); i++)
            {
                File.WriteAllBytes(Path.Combine(place, $"{i}.png"), image);
            }
        }

        // Three classes have one image fewer and are not selected. 60 % of three images is 1.8, rounded to two.
        var report = DataPreparation.Run(defaults, Path.Combine(folder.Root, "source"), Path.Combine(folder.Root, "target"), (_, _) => { });
        Assert.Equal((500, 1000, 500), (report.Classes, report.Train, report.Test));
        var data = DataSetReader.Read(Path.Combine(folder.Root, "target"));
        Assert.DoesNotContain(data.Classes, c => c is "n0007" or "n0107" or "n0207");
        Assert.All(Enumerable.Range(0, 500), t => Assert.Equal(2, data.Train.Count(s => s.Target == t)));
        Assert.Equal(500, File.ReadLines(report.Answers).Skip(1).Count());
    }

    [Theory]
    [InlineData("""{"source":"SOURCE","Classes":4,"Train":0.6,"Seed":1,"images":30}""", true)] // As earlier versions wrote it.
    [InlineData("""{"source":"SOURCE","classes":4,"train":0.6,"seed":1,"images":30}""", true)]
    [InlineData("""{"source":"SOURCE","classes":4,"train":0.5,"seed":1,"images":30}""", false)]
    [InlineData("""{"source":"elsewhere","classes":4,"train":0.6,"seed":1,"images":30}""", false)]
    [InlineData("{", false)]
    public void A_folder_goes_on_only_as_what_its_plan_says(string plan, bool goesOn)
    {
        using var folder = new TemporaryFolder();
        var published = Published(folder.Root);
        folder.With("out/prepare.json", plan.Replace("SOURCE", published, StringComparison.Ordinal));
        var (options, target) = (new PreparationOptions { Classes = 4 }, Path.Combine(folder.Root, "out"));
        if (goesOn)
        {
            Assert.Equal(4, DataPreparation.Run(options, published, target, (_, _) => { }).Classes);
            return;
        }

        var refusal = Assert.Throws<RefusalException>(() => DataPreparation.Run(options, published, target, (_, _) => { }));
        Assert.Contains("\"classes\":4,\"train\":0.6,\"seed\":1", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["prepare.json"], Directory.GetFileSystemEntries(target).Select(Path.GetFileName));
    }

    private static List<string> Hashes(IEnumerable<string> files) =>
        [.. files.Select(f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))).Order(StringComparer.Ordinal)];

    private static string Published(string root)
    {
        var folder = Path.Combine(root, "published");
        var drawings = PublishedImages.Drawings(30);
        var next = 0;
        foreach (var (name, count) in new[] { ("n1", 10), ("n2", 8), ("n3", 7), ("n4", 5) })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (var i = 0; i < count; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, name, $"sketch_{i}.png"), drawings[next++]);
            }
        }

        return folder;
    }
}

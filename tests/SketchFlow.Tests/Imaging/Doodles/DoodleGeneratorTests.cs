using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Doodles;

namespace SketchFlow.Tests.Imaging.Doodles;

public sealed class DoodleGeneratorTests : IDisposable
{
    private static readonly DoodlesOptions Few = new() { Classes = 3, TrainPerClass = 4, TestPerClass = 2, Seed = 5 };

    private readonly string _folder = Directory.CreateTempSubdirectory("sketchflow-doodles-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_options_draw_the_same_bytes_on_any_number_of_workers()
    {
        var (one, many) = (Path.Combine(_folder, "one"), Path.Combine(_folder, "many"));
        DoodleGenerator.Write(Few with { Workers = 1 }, one);
        DoodleGenerator.Write(Few with { Workers = 4 }, many);
        var files = Directory.GetFiles(one, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.Equal((3 * 6) + 5, files.Count);
        var others = Directory.GetFiles(many, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        Assert.Equal(files.Select(f => Path.GetRelativePath(one, f)), others.Select(f => Path.GetRelativePath(many, f)), StringComparer.Ordinal);
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(f), File.ReadAllBytes(Path.Combine(many, Path.GetRelativePath(one, f)))));
    }

    [Fact]
    public void Every_row_has_its_file_and_every_test_row_its_hidden_label()
    {
        var folder = Path.Combine(_folder, "set");
        DoodleGenerator.Write(Few, folder);
        var train = File.ReadAllLines(Path.Combine(folder, "train.csv"));
        Assert.Equal("class_name,image_path,target", train[0]);
        Assert.Equal(12, train.Length - 1);
        Assert.All(train.Skip(1).Select(l => l.Split(',')), r =>
        {
            Assert.True(File.Exists(Path.Combine(folder, "train", r[1])));
            Assert.Equal(r[0], DoodleGenerator.Classes[int.Parse(r[2])]);
            Assert.StartsWith(r[0] + "/", r[1], StringComparison.Ordinal);
        });
        var (test, labels) = (File.ReadAllLines(Path.Combine(folder, "test.csv")), File.ReadAllLines(Path.Combine(folder, "test_labels.csv")));
        Assert.Equal(test.Skip(1), labels.Skip(1).Select(l => l.Split(',')[0]), StringComparer.Ordinal);
        Assert.All(test.Skip(1), r => Assert.True(File.Exists(Path.Combine(folder, "test", r))));
        Assert.Equal([2, 2, 2], labels.Skip(1).GroupBy(l => l.Split(',')[1], StringComparer.Ordinal).Select(g => g.Count()));
        var submission = File.ReadAllLines(Path.Combine(folder, "sample_submission.csv"));
        Assert.Equal(test.Skip(1).Select((r, i) => $"{i},{r},0"), submission.Skip(1), StringComparer.Ordinal);
    }

    [Fact]
    public void Every_drawing_has_400_to_800_pixels_and_every_class_has_grey_ones()
    {
        for (var c = 0; c < DoodleGenerator.Classes.Length; c++)
        {
            var grey = 0;
            for (var n = 0; n < 6; n++)
            {
                using var pixels = ImageDecoder.Read(new DecodeOptions(), new Sample(n, "doodle", "doodle", c), DoodleGenerator.Draw(1, c, n)).Value;
                Assert.InRange(pixels.Width, 400, 800);
                Assert.InRange(pixels.Height, 400, 800);
                grey += pixels.Channels == 1 ? 1 : 0;
            }

            Assert.InRange(grey, 1, 6);
        }
    }

    [Fact]
    public void A_complete_set_is_kept_and_a_different_one_replaced()
    {
        var folder = Path.Combine(_folder, "set");
        Assert.True(DoodleGenerator.Write(Few, folder));
        Assert.False(DoodleGenerator.Write(Few, folder));
        Assert.True(DoodleGenerator.Write(Few with { TrainPerClass = 2 }, folder));
        Assert.Equal(7, File.ReadAllLines(Path.Combine(folder, "train.csv")).Length);
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_folder_with_other_content_is_rejected()
    {
        File.WriteAllText(Path.Combine(_folder, "thesis.txt"), "years of work");
        Assert.Throws<RefusalException>(() => DoodleGenerator.Write(Few, _folder));
        Assert.Equal(["thesis.txt"], Directory.GetFiles(_folder).Select(Path.GetFileName), StringComparer.Ordinal);
        Assert.Throws<RefusalException>(() => DoodleGenerator.Write(Few with { Classes = 1000 }, Path.Combine(_folder, "many")));
    }

    [Fact]
    public void Cancelling_deletes_the_partial_set()
    {
        using var stop = new CancellationTokenSource();
        var folder = Path.Combine(_folder, "set");
        Assert.Throws<OperationCanceledException>(() => DoodleGenerator.Write(Few, folder, (done, _) =>
        {
            if (done == 3)
            {
                stop.Cancel();
            }
        }, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Progress_counts_to_the_end()
    {
        var most = 0;
        DoodleGenerator.Write(Few with { Workers = 1 }, Path.Combine(_folder, "set"), (done, all) => most = Math.Max(most, done == all ? all : done));
        Assert.Equal(18, most);
    }
}

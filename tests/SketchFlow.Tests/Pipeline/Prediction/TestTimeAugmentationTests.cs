using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Prediction;

/// <summary>Test-time augmentation of a trained run, by the flow itself and by the program.</summary>
public class TestTimeAugmentationTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Looking_once_at_each_image_as_it_is_gives_the_plain_logits_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        // A single scale, the model's own: the code for views runs, and the logits stay the same.
        var plain = Predict(folder, "plain", null);
        var identity = Predict(folder, "identity", TestTimeAugmentation.Parse(["multi-scale"]) with { Scales = [1] });
        Assert.Equal(plain.Select(t => Convert.ToHexString(Bytes(t))), identity.Select(t => Convert.ToHexString(Bytes(t))));
        Assert.Equal(["none", "multi-scale(1)"], new[] { plain[0], identity[0] }.Select(t => t.Metadata.Tta));
    }

    [Theory]
    [InlineData("hflip")]
    [InlineData("vflip")]
    [InlineData("hflip,vflip")]
    public void Images_that_are_mirrored_get_the_same_averaged_logits(string names)
    {
        using var folder = new TemporaryFolder();
        var data = DataSetReader.Read(runs.Data);
        // Squares of the input's size, so that nothing is padded or resized on either side.
        var (as_is, mirrored) = (Path.Combine(folder.Root, "as_is", "few"), Path.Combine(folder.Root, "mirrored", "few"));
        foreach (var (sample, split) in data.Train.Select(s => (s, "train")).Concat(data.Test.Select(s => (s, "test"))))
        {
            using var pixels = Square(sample);
            Save(pixels, Path.Combine(as_is, split, sample.ImagePath));
            using var turned = Turned(pixels, names.Contains("hflip", StringComparison.Ordinal), names.Contains("vflip", StringComparison.Ordinal));
            Save(turned, Path.Combine(mirrored, split, sample.ImagePath));
        }

        foreach (var table in new[] { "train.csv", "test.csv" })
        {
            File.Copy(Path.Combine(runs.Data, table), Path.Combine(as_is, table));
            File.Copy(Path.Combine(runs.Data, table), Path.Combine(mirrored, table));
        }

        var augmentation = TestTimeAugmentation.Parse([names]);
        var (one, two) = (Predict(folder, "one", augmentation, as_is), Predict(folder, "two", augmentation, mirrored));
        foreach (var (a, b) in one.Zip(two))
        {
            Assert.Equal(a.ImagePaths, b.ImagePaths);
            Assert.All(a.Logits.ToArray().Zip(b.Logits.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-5f));
        }

        // The logits without augmentation differ.
        Assert.NotEqual(
            Predict(folder, "p1", null, as_is)[0].Logits.ToArray(), Predict(folder, "p2", null, mirrored)[0].Logits.ToArray());
    }

    [Fact]
    public void The_mean_of_the_kept_views_is_the_averaged_table_and_ensembles_do_not_see_the_views()
    {
        using var folder = new TemporaryFolder();
        var augmentation = TestTimeAugmentation.Parse(["ten-crop", "multi-scale"]) with { KeepViews = true, Scales = [1, 2] };
        var tables = Predict(folder, "kept", augmentation);
        foreach (var table in tables)
        {
            var split = Path.GetDirectoryName(table.Source)!;
            var views = Directory.GetFiles(Path.Combine(split, "views", "one"), "*.parquet").Select(p => LogitsReader.Read(p)).ToList();
            Assert.Equal(20, views.Count);
            Assert.Contains("x2-top-left-hflip", views.Select(v => v.Metadata.Tta));
            Assert.Contains("centre", views.Select(v => v.Metadata.Tta));
            for (var i = 0; i < table.Logits.Length; i++)
            {
                Assert.Equal(views.Average(v => (double)v.Logits.Span[i]), table.Logits.Span[i], 1e-5);
            }

            Assert.NotEqual(views[0].Logits.ToArray(), views[1].Logits.ToArray());
            var set = RunLogits.Read(new Artifacts(Path.Combine(folder.Root, "kept")), "few", table.Metadata.Split)!;
            Assert.Equal(["one", "one+multi-scale-1-2+ten-crop"], set.Runs);
            Assert.Equal(["none", "multi-scale(1 2)+ten-crop"], set.Set.Members.Select(m => m.Metadata.Tta));
        }
    }

    [Fact]
    public void Rejected_rows_keep_their_status_and_a_uniform_prediction()
    {
        using var folder = new TemporaryFolder();
        var data = DataSetReader.Read(runs.Data);
        foreach (var split in new[] { "train", "test" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(runs.Data, split), "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(folder.Root, "few", Path.GetRelativePath(runs.Data, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            File.Copy(Path.Combine(runs.Data, $"{split}.csv"), Path.Combine(folder.Root, "few", $"{split}.csv"));
        }

        File.WriteAllText(Path.Combine(folder.Root, "few", "test", data.Test[3].ImagePath), "no image");
        var test = Predict(folder, "rejected", TestTimeAugmentation.Parse(["hflip"]), Path.Combine(folder.Root, "few"))[1];
        Assert.Equal(data.Test.Select(s => s.Id), test.Ids);
        Assert.NotEqual(LogitsTable.Ok, test.Statuses[3]);
        Assert.All(test.Row(3).ToArray(), l => Assert.Equal(0, l));
        Assert.Equal(data.Test.Length - 1, test.Statuses.Count(s => s == LogitsTable.Ok));
    }

    [Fact]
    public void The_program_takes_views_half_precision_and_batches_found_by_memory()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Path.Combine(folder.Root, "artifacts");
        CopyRun(artifacts);
        var answer = ProgramRunner.Run(
            artifacts, "predict", "--run", "one", "--data", runs.Data, "--tta", "hflip,five-crop", "--half", "--batch-size", "auto", "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Contains("images per batch", answer.Output, StringComparison.Ordinal);
        Assert.Equal("hflip+five-crop", LogitsReader.Read(Path.Combine(artifacts, "logits", "few", "test", "one+hflip+five-crop.parquet")).Metadata.Tta);
        Assert.Equal(TrainedRuns.TestRows + 1, File.ReadAllLines(Path.Combine(artifacts, "submissions", "few", "one+hflip+five-crop.csv")).Length);
        foreach (var (arguments, words) in new (string[], string)[]
        {
            (["--keep-views"], "--tta"), (["--batch-size", "some"], "auto"),
        })
        {
            var refused = ProgramRunner.Run(artifacts, ["predict", "--run", "one", .. arguments]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(words, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_that_exclude_each_other_are_wrong_usage()
    {
        var unknown = Assert.Throws<UsageException>(() => TestTimeAugmentation.Parse(["rotate"]));
        Assert.Contains("multi-scale", unknown.Message, StringComparison.Ordinal);
        var both = Assert.Throws<UsageException>(() => TestTimeAugmentation.Parse(["five-crop", "ten-crop"]));
        Assert.Contains("one of them", both.Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => (TestTimeAugmentation.Parse(["multi-scale"]) with { Scales = [9] }).Passes(Zoo.Build("resnet18")));
        Assert.True(TestTimeAugmentation.Parse(["none"]).IsOff);
    }

    [Theory]
    [InlineData("vit_tiny_patch16_224", 224, 1.125, 256)]
    [InlineData("vit_large_patch14_224", 224, 1.125, 252)]
    [InlineData("resnet18", 224, 1.25, 288)]
    [InlineData("resnet18", 32, 0.25, 32)]
    public void Scales_are_rounded_to_sizes_that_the_architecture_accepts(string name, int size, double scale, int side)
    {
        var architecture = Zoo.Build(name, new ModelOptions { InputSize = size });
        var passes = (TestTimeAugmentation.Parse(["multi-scale"]) with { Scales = [scale] }).Passes(architecture);
        Assert.Equal(side, Assert.Single(passes).Side);
        Zoo.Build(name, new ModelOptions { InputSize = side });
    }

    private static byte[] Bytes(LogitsTable table) => [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes(table.Logits.Span)];

    /// <summary>The tables of val and test.</summary>
    private LogitsTable[] Predict(TemporaryFolder folder, string name, TestTimeAugmentation? augmentation, string? data = null)
    {
        var artifacts = new Artifacts(Path.Combine(folder.Root, name));
        var run = new Artifacts(runs.Artifacts).Run("one");
        var recipe = run.Read("batch_size=5");
        using var job = new PredictJob(run, recipe, DataSetReader.Read(data ?? runs.Data), artifacts, SmallTraining.Context(), augmentation);
        return [.. job.Run(CancellationToken.None).Select(p => LogitsReader.Read(p.Path)).Select(Ordered)];

        static LogitsTable Ordered(LogitsTable table) => LogitsSet.Join([table]).Members[0];
    }

    private void CopyRun(string artifacts)
    {
        var to = Path.Combine(artifacts, "runs", "one");
        Directory.CreateDirectory(to);
        foreach (var file in new[] { "recipe.yaml", "best.safetensors" })
        {
            File.Copy(runs.File("runs", "one", file), Path.Combine(to, file));
        }
    }

    private static Pixels Square(Sample sample) =>
        SketchFlow.Imaging.Decoding.ImageDecoder.Read(new(), sample) is { IsValue: true } read
            ? SketchFlow.Imaging.Resizing.PadResize.Run(new() { Side = 32 }, read.Value)
            : throw new InvalidOperationException($"{sample} is not read");

    private static Pixels Turned(Pixels from, bool horizontal, bool vertical)
    {
        var to = from.Clone();
        for (var y = 0; y < from.Height; y++)
        {
            for (var x = 0; x < from.Width; x++)
            {
                var at = (((vertical ? from.Height - 1 - y : y) * from.Width) + (horizontal ? from.Width - 1 - x : x)) * from.Channels;
                from.Bytes.Slice(at, from.Channels).CopyTo(to.Bytes[(((y * from.Width) + x) * from.Channels)..]);
            }
        }

        return to;
    }

    // PNG is lossless; decoders detect the format by the content, regardless of the file name.
    private static void Save(Pixels pixels, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, SketchFlow.Imaging.OpenCv.ImageEncoder.ToPng(pixels));
    }
}

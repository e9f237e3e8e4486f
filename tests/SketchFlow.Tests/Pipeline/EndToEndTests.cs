using System.Text.Json;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline;

/// <summary>The real program from image files to a submission.</summary>
public class EndToEndTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Training_succeeds_and_prints_its_result()
    {
        Assert.True(runs.First.ExitCode == 0, runs.First.ToString());
        Assert.True(runs.Second.ExitCode == 0, runs.Second.ToString());
        Assert.Contains("files -> decode", runs.First.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("files -> decode", runs.Second.Output, StringComparison.Ordinal);
        Assert.Contains("Recipe: resnet18 (random initialisation, 2 epochs).", runs.First.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(runs.First.LastLine);
        Assert.Equal("one", json.RootElement.GetProperty("run").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("epochs").GetInt32());
        Assert.InRange(json.RootElement.GetProperty("val_accuracy").GetDouble(), 0, 1);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public void A_run_leaves_its_recipe_metrics_curves_and_weights(string run)
    {
        var lines = File.ReadAllLines(runs.File("runs", run, "metrics.csv"));
        Assert.Equal(
            "epoch,learning_rate,train_loss,train_accuracy,val_loss,val_accuracy,val_top5,val_macro_f1,"
            + "ema_val_loss,ema_val_accuracy,ema_val_top5,ema_val_macro_f1,skipped_steps",
            lines[0]);
        Assert.Equal(["1", "2"], lines[1..].Select(l => l.Split(',')[0]));
        Assert.True(new FileInfo(runs.File("runs", run, "curves.png")).Length > 1000);
        Assert.Empty(Directory.GetFiles(runs.File("runs", run), "*.tmp"));
        var recipe = RecipeFile.Load(runs.File("runs", run, "recipe.yaml"), []);
        Assert.Equal((2, 32, 8), (recipe.Epochs, recipe.ImageSize, recipe.BatchSize));
        Assert.Equal(File.ReadAllText(runs.File("runs", run, "recipe.yaml")), RecipeFile.Write(recipe));
    }

    [Theory]
    [InlineData("one", "resnet18")]
    [InlineData("two", "convnext_atto")]
    public void Weights_have_timms_names_shapes_and_types_exactly(string run, string architecture)
    {
        var expected = Zoo.Build(architecture, new ModelOptions { Classes = TrainedRuns.Classes, InputSize = 32 }).Tensors
            .Select(t => (t.Name, string.Join(',', t.Shape), t.Role == TensorRole.Counter ? "I64" : "F32"));
        foreach (var name in new[] { "best.safetensors", "last.safetensors" })
        {
            using var file = SafetensorsFormat.Open(runs.File("runs", run, name));
            Assert.Equal(expected, file.Tensors.Select(t => (t.Name, string.Join(',', t.Shape), t.Dtype)));
            Assert.Equal("pt", file.Metadata["format"]);
        }
    }

    [Fact]
    public void Batch_norms_count_their_batches()
    {
        using var file = SafetensorsFormat.Open(runs.File("runs", "one", "last.safetensors"));
        var bytes = new byte[8];
        file.CopyTo(file.Find("bn1.num_batches_tracked")!, 0, bytes);
        // 24 training images in batches of 8, two epochs.
        Assert.Equal(6, BitConverter.ToInt64(bytes));
    }

    [Fact]
    public void Prediction_has_every_row_of_both_splits_in_its_place()
    {
        Assert.True(runs.Predicted.ExitCode == 0, runs.Predicted.ToString());
        foreach (var run in new[] { "one", "two" })
        {
            var validation = LogitsReader.Read(runs.File("logits", "few", "val", $"{run}.parquet"));
            var test = LogitsReader.Read(runs.File("logits", "few", "test", $"{run}.parquet"));
            Assert.Equal((TrainedRuns.ValidationRows, TrainedRuns.TestRows), (validation.Rows, test.Rows));
            Assert.All(validation.Statuses.Concat(test.Statuses), s => Assert.Equal(LogitsTable.Ok, s));
            Assert.All(validation.Targets, t => Assert.NotNull(t));
            Assert.Equal(
                File.ReadLines(Path.Combine(runs.Data, "test.csv")).Skip(1),
                test.Ids.Zip(test.ImagePaths).OrderBy(p => p.First).Select(p => p.Second));
            Assert.Equal(64, test.Metadata.CheckpointSha256!.Length);
        }
    }

    [Fact]
    public void Prediction_measures_the_accuracy_that_training_reported()
    {
        using var trained = JsonDocument.Parse(runs.First.LastLine);
        var table = LogitsReader.Read(runs.File("logits", "few", "val", "one.parquet"));
        Assert.Equal(trained.RootElement.GetProperty("val_accuracy").GetDouble(), ClassificationMetrics.Evaluate(table).Accuracy, 1e-9);
    }

    [Fact]
    public void A_submission_has_a_row_for_every_test_row_in_order()
    {
        var expected = File.ReadLines(Path.Combine(runs.Data, "test.csv")).Skip(1).Select((path, id) => $"{id},{path},").ToList();
        var lines = File.ReadAllLines(runs.File("submissions", "few", "one.csv"));
        Assert.Equal("ID,image_path,target", lines[0]);
        Assert.Equal(expected, lines[1..].Select(l => l[..(l.LastIndexOf(',') + 1)]));
        Assert.All(lines[1..], l => Assert.InRange(int.Parse(l.Split(',')[^1]), 0, TrainedRuns.Classes - 1));
    }

    [Fact]
    public void A_damaged_run_does_not_keep_the_others_from_being_predicted_and_predicting_twice_gives_the_same_bytes()
    {
        var artifacts = Path.Combine(runs.Root, "damaged");
        foreach (var run in new[] { "one", "two" })
        {
            Directory.CreateDirectory(Path.Combine(artifacts, "runs", run));
            foreach (var file in Directory.GetFiles(runs.File("runs", run)))
            {
                File.Copy(file, Path.Combine(artifacts, "runs", run, Path.GetFileName(file)));
            }
        }

        var weights = Path.Combine(artifacts, "runs", "two", "best.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^1000]);
        byte[][] Predict()
        {
            var answer = ProgramRunner.Run(artifacts, "predict", "--run", "all", "--json");
            Assert.Equal(1, answer.ExitCode);
            Assert.Contains("two is not predicted: ", answer.Error, StringComparison.Ordinal);
            Assert.Contains("1 of 2 runs were not predicted: two.", answer.Error, StringComparison.Ordinal);
            Assert.Contains("\"run\":\"one\"", answer.LastLine, StringComparison.Ordinal);
            string[] files = ["logits/few/val/one.parquet", "logits/few/test/one.parquet", "submissions/few/one.csv"];
            return [.. files.Select(f => File.ReadAllBytes(Path.Combine(artifacts, f)))];
        }

        Assert.Equal(Predict(), Predict());
    }

    [Fact]
    public void The_ensemble_loads_neither_libtorch_nor_OpenCV()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has this log of the dynamic loader");
        // The dynamic loader logs every library that it is asked to load.
        var log = Path.Combine(runs.Root, "libraries");
        var answer = ProgramRunner.RunWithEnvironment(
            runs.Artifacts, new(StringComparer.Ordinal) { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log }, null, "ensemble", "--data", runs.Data, "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        var libraries = string.Concat(Directory.GetFiles(runs.Root, "libraries*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr.so", libraries, StringComparison.Ordinal);
        Assert.DoesNotContain("torch", libraries, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("OpenCv", libraries, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("one", answer.Output, StringComparison.Ordinal);
        Assert.Contains("two", answer.Output, StringComparison.Ordinal);
        var submission = Directory.GetFiles(runs.File("submissions", "few"), "*ensemble*.csv").Single();
        Assert.Equal(TrainedRuns.TestRows + 1, File.ReadAllLines(submission).Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_for_any_number_of_workers()
    {
        byte[] Train(string run, int workers)
        {
            var answer = ProgramRunner.Run(
                runs.Artifacts,
                ["train", "--model", "resnet18", "--data", runs.Data, "--run", run, .. TrainedRuns.Tiny, "--set", $"workers={workers}", "--epochs", "1"]);
            Assert.True(answer.ExitCode == 0, answer.ToString());
            return File.ReadAllBytes(runs.File("runs", run, "last.safetensors"));
        }

        try
        {
            var one = Train("w1", 1);
            Assert.Equal(one, Train("w2", 2));
            Assert.Equal(one, Train("w8", 8));
        }
        finally
        {
            foreach (var run in new[] { "w1", "w2", "w8" })
            {
                var folder = runs.File("runs", run);
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
    }

    [Fact]
    public void An_interrupted_training_saves_its_weights_and_exits_with_130()
    {
        var artifacts = Path.Combine(runs.Root, "interrupted");
        var answer = ProgramRunner.RunWithEnvironment(
            artifacts, new(StringComparer.Ordinal), line => line.StartsWith("epoch 1:", StringComparison.Ordinal),
            ["train", "--model", "resnet18", "--data", runs.Data, "--run", "cut", .. TrainedRuns.Tiny, "--epochs", "100000"]);
        Assert.True(answer.ExitCode == 130, answer.ToString());
        using var last = SafetensorsFormat.Open(Path.Combine(artifacts, "runs", "cut", "last.safetensors"));
        Assert.NotEmpty(last.Tensors);
        Assert.Contains("--resume", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_overwritten_only_with_the_option()
    {
        var again = ProgramRunner.Run(runs.Artifacts, ["train", "--model", "resnet18", "--data", runs.Data, "--run", "one", .. TrainedRuns.Quick]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("--overwrite", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_for_another_number_of_classes_are_refused()
    {
        var other = Path.Combine(runs.Root, "other");
        Directory.CreateDirectory(Path.Combine(other, "train", "a"));
        Directory.CreateDirectory(Path.Combine(other, "train", "b"));
        var image = Directory.GetFiles(Path.Combine(runs.Data, "test"))[0];
        foreach (var name in new[] { "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg" })
        {
            File.Copy(image, Path.Combine(other, "train", name));
        }

        var answer = ProgramRunner.Run(runs.Artifacts, "predict", "--run", "one", "--data", other);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("the data set other has 2, expected the same names", answer.Error, StringComparison.Ordinal);
    }
}

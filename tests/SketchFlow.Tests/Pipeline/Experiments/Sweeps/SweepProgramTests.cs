using System.Text.Json;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;
using SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

namespace SketchFlow.Tests.Pipeline.Experiments.Sweeps;

/// <summary>Sweeps of the real program: short trainings, interrupted and resumed.</summary>
public sealed class SweepProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Report => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "recipes", "sweeps", "report.yaml"));

    private string Data => Path.Combine(_folder.Root, "few");

    private string Artifacts => Path.Combine(_folder.Root, "artifacts");

    [Long]
    [Fact]
    public void The_sweep_of_the_report_is_interrupted_and_resumed_and_ends_in_one_table()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 8, TestPerClass = 1, Seed = 5 }, Data);
        string[] tiny =
        [
            "sweep", Report, "--data", Data, "--model", "resnet18", "--epochs", "2", "--set", "image_size=32", "--set", "batch_size=8", "--set", "workers=1",
            "--amp", "off", "--device", "cpu", "--track", $"mlflow:{Path.Combine(_folder.Root, "mlruns")}", "--json",
        ];
        var trials = 0;
        var cut = ProgramRunner.RunWithEnvironment(
            Artifacts, new(StringComparer.Ordinal), line => line.StartsWith("epoch 1:", StringComparison.Ordinal) && ++trials == 2, [.. tiny, "--count", "3"]);
        Assert.True(cut.ExitCode == 130, cut.ToString());
        var done = ProgramRunner.Run(Artifacts, [.. tiny, "--count", "3"]);
        Assert.True(done.ExitCode == 0, done.ToString());
        // The first trial was not trained again.
        Assert.DoesNotContain("trial 1:", done.Output, StringComparison.Ordinal);
        Assert.Contains("trial 2:", done.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(done.LastLine);
        Assert.Equal(3, json.RootElement.GetProperty("trials").GetArrayLength());
        var table = File.ReadAllLines(Path.Combine(Artifacts, "sweeps", "report", "table.csv"));
        Assert.Equal("trial,run,L2,lr,lr_decay,scheduler_gamma,state,val_loss,best_epoch,epochs,seconds,reason", table[0]);
        Assert.Equal(["1,report-001", "2,report-002", "3,report-003"], table[1..].Select(l => string.Join(',', l.Split(',')[..2])));
        Assert.All(table[1..], l => Assert.Contains(",finished,", l, StringComparison.Ordinal));
        foreach (var run in new[] { "report-001", "report-002", "report-003" })
        {
            var folder = Path.Combine(Artifacts, "runs", run);
            Assert.True(File.Exists(Path.Combine(folder, "best.safetensors")));
            var events = Directory.GetFiles(folder, "events.out.tfevents.*").SelectMany(EventFile.Read).Where(e => e.Scalars.Count > 0);
            Assert.Equal([1L, 2], events.Select(e => e.Step).Distinct().Order());
            Assert.Contains("kind: step", File.ReadAllText(Path.Combine(folder, "recipe.yaml")), StringComparison.Ordinal);
        }

        // The interrupted run keeps its id.
        var tracked = Directory.GetFiles(Path.Combine(_folder.Root, "mlruns"), "val_loss", SearchOption.AllDirectories);
        Assert.Equal([2, 2, 2], tracked.Select(f => File.ReadAllLines(f).Length));

        var again = ProgramRunner.Run(Artifacts, [.. tiny, "--count", "3"]);
        Assert.Equal(0, again.ExitCode);
        Assert.DoesNotContain("epoch 1:", again.Output, StringComparison.Ordinal);
        var other = ProgramRunner.Run(Artifacts, [.. tiny, "--count", "3", "--seed", "2"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("another sweep", other.Error, StringComparison.Ordinal);
    }

    [Long]
    [Fact]
    public void New_trials_of_a_sweep_of_an_older_version_are_measured_on_the_images_of_its_first_trial()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 10, TestPerClass = 1, Seed = 5 }, Data);
        _folder.With("two.yaml", "method: grid\nmetric: { name: val_loss, goal: minimize }\nparameters: { learning_rate: { values: [0.001, 0.002] } }\n");
        string[] sweep =
        [
            "sweep", Path.Combine(_folder.Root, "two.yaml"), "--data", Data, "--model", "resnet18", "--epochs", "1", "--set", "image_size=32",
            "--set", "batch_size=8", "--set", "workers=1", "--amp", "off", "--device", "cpu",
        ];
        var begun = ProgramRunner.Run(Artifacts, [.. sweep, "--count", "1"]);
        Assert.True(begun.ExitCode == 0, begun.ToString());
        // Version 0.1.0 had no such key; its recipes are read with the split by row numbers.
        var recipe = Path.Combine(Artifacts, "runs", "two-001", "recipe.yaml");
        File.WriteAllText(recipe, File.ReadAllText(recipe)
            .Replace("  split_method: hash\n", "", StringComparison.Ordinal).Replace("  split_seed: 1\n", "  split_seed:\n", StringComparison.Ordinal));
        var done = ProgramRunner.Run(Artifacts, [.. sweep, "--count", "2"]);
        Assert.True(done.ExitCode == 0, done.ToString());
        var second = File.ReadAllText(Path.Combine(Artifacts, "runs", "two-002", "recipe.yaml"));
        Assert.Contains("split_method: rows", second, StringComparison.Ordinal);
        Assert.DoesNotContain("split_seed: 1", second, StringComparison.Ordinal);
    }

    [Long]
    [Fact]
    public void A_sweep_whose_trials_all_failed_exits_1_and_names_the_reason_and_no_best_trial()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 10, TestPerClass = 1, Seed = 5 }, Data);
        _folder.With(
            "nan.yaml", "method: grid\nmetric: { name: train_loss, goal: minimize }\nparameters: { learning_rate: { values: [1.0e+30, 1.0e+31] } }\n");
        var answer = ProgramRunner.Run(
            Artifacts, ["sweep", Path.Combine(_folder.Root, "nan.yaml"), "--data", Data, "--model", "resnet18", "--json", .. TrainedRuns.Quick]);
        Assert.True(answer.ExitCode == 1, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(
            (JsonValueKind.Null, JsonValueKind.Null), (json.RootElement.GetProperty("best").ValueKind, json.RootElement.GetProperty("value").ValueKind));
        Assert.All(json.RootElement.GetProperty("trials").EnumerateArray(), t => Assert.Equal("failed", t.GetProperty("state").GetString()));
        Assert.Contains(
            "No trial has a result; trial 1 failed: The run nan-001 failed: the validation loss of epoch 1 is NaN", answer.Output, StringComparison.Ordinal);
        var runs = ProgramRunner.Run(Artifacts, "runs", "--json");
        Assert.True(runs.ExitCode == 0, runs.ToString());
        Assert.Contains("\"val_accuracy\":null", runs.LastLine, StringComparison.Ordinal);
        var train = ProgramRunner.Run(Artifacts, "train", "--run", "nan-001", "--resume");
        Assert.True(train.ExitCode == 1 && train.Error.Contains("nan-001 failed", StringComparison.Ordinal), train.ToString());
    }

    [Theory]
    [InlineData("method: random\nmetric: { name: beauty }\nparameters: { lr: { value: 1 } }\nrun_cap: 1\n", "val_loss")]
    [InlineData("method: random\nmetric: { name: val_loss }\nparameters: { lr: { min: 0.1, max: 0.2 } }\n", "run_cap")]
    [InlineData("method: random\nmetric: { name: val_loss }\nparameters: { lr: { min: 0.0, max: 0.2 } }\nrun_cap: 1\n", "optimizer.learning_rate is 0")]
    [InlineData("method: random\nmetric: { name: val_loss }\nparameters: { finetune.frozen_groups: { values: [1, 2, 30] } }\nrun_cap: 1\n", "expected 0 to 9")]
    [InlineData("method: random\nmetric: { name: val_loss }\nparameters: { lrr: { values: [1, 2] } }\nrun_cap: 1\n", "lrr is not a setting")]
    [InlineData("method: random\nmetric: { name: val_loss }\nparameters: { scheduler: { values: [step, triangle] } }\nrun_cap: 1\n", "one_cycle")]
    public void Settings_that_cannot_be_trained_are_refused_before_training(string yaml, string words)
    {
        _folder.With("s.yaml", yaml);
        var answer = ProgramRunner.Run(Artifacts, "sweep", Path.Combine(_folder.Root, "s.yaml"), "--model", "resnet18");
        Assert.True(answer.ExitCode == 2, answer.ToString());
        Assert.Contains(words, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Artifacts, "runs")));
    }

    public void Dispose() => _folder.Dispose();
}

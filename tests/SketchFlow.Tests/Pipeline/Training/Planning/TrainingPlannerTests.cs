using System.Text.Json;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training.Planning;

/// <summary>Reads the plan that <c>train --dry-run</c> prints.</summary>
public sealed class TrainingPlannerTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private static readonly string[] _timed = ["steps", "time", "ends"];

    [Fact]
    public void A_plan_names_everything_and_leaves_nothing_behind()
    {
        var before = Files();
        var (lines, json) = Plan("--epochs", "3");
        Assert.Equal(
            ["data", "split", "left out", "submit", "recipe", "changed", "model", "weights", "training", "rate", "loss", "augment", "memory", "steps", "time",
                "ends", "files", "to start"],
            lines.Keys);
        Assert.Equal("small: 30 labelled images of 3 classes, 10 a class; 6 test images", lines["data"]);
        Assert.StartsWith("24 training and 6 validation images (20.00 % of each class on average); images are not grouped (data.group)", lines["split"],
            StringComparison.Ordinal);
        Assert.StartsWith("2 other entries (", lines["left out"], StringComparison.Ordinal);
        Assert.StartsWith("Architecture: regnetx_002, with the settings of recipe ", lines["recipe"], StringComparison.Ordinal);
        Assert.Contains("image_size=32", lines["changed"], StringComparison.Ordinal);
        Assert.Contains("M parameters, 32 px, 3 classes), float32 on cpu", lines["model"], StringComparison.Ordinal);
        Assert.Equal("random initialisation; no weights are loaded", lines["weights"]);
        Assert.Equal("3 epochs × 3 steps × 8 images; seed 1", lines["training"]);
        Assert.Matches(@"^\w+, \w+, peak learning rate \d\.\d+e-\d; weight decay [\d.]+$", lines["rate"]);
        Assert.Matches(@"^\w+, label smoothing [\d.]+; Mixup .*; EMA .*$", lines["loss"]);
        Assert.NotEmpty(lines["augment"]);
        Assert.Matches(@"^about \d+ MB for a step: weights \d+ MB, gradients \d+ MB, optimiser \d+ MB, activations about \d+ MB$", lines["memory"]);
        Assert.Matches(@"^3 timed: \d+\.\d\d s \(warm-up, not counted\), \d+\.\d\d s, \d+\.\d\d s; \d+ images/s, waiting for data \d+ %$", lines["steps"]);
        Assert.Matches(@"^about .+ an epoch, of it .+ validation; about .+ in all$", lines["time"]);
        Assert.Matches(@"^about .*\d\d:\d\d if it starts now", lines["ends"]);
        Assert.Contains(Path.Combine(training.Artifacts.Runs, "planned"), lines["files"], StringComparison.Ordinal);
        Assert.Equal(3, json.GetProperty("step_seconds").GetArrayLength());
        Assert.Equal(9, json.GetProperty("steps").GetInt32());
        // Plain SGD and AdamW differ: one or two moments of four bytes for each parameter, and their ages.
        Assert.InRange(json.GetProperty("optimizer_bytes").GetInt64(), 4 * json.GetProperty("parameters").GetInt64(), long.MaxValue);
        Assert.Equal(before, Files());
    }

    [Fact]
    public void All_lines_but_the_timed_ones_are_the_same_in_every_plan() =>
        Assert.Equal(
            Plan("--set", "data.group=twins").Lines.Where(l => !_timed.Contains(l.Key)),
            Plan("--set", "data.group=twins").Lines.Where(l => !_timed.Contains(l.Key)));

    [Fact]
    public void A_plan_says_what_is_loaded_and_what_is_new_and_counts_the_folds()
    {
        var folder = training.TrainUninterrupted("source", SmallTraining.Recipe("epochs=1"));
        var (lines, json) = Plan("--weights", folder.Best, "--folds", "3");
        Assert.Matches(
            @" epochs × 3 steps × 6 images, for each of 3 folds \(the last 2 images of an epoch are dropped\); seed 1$",
            Plan("--set", "batch_size=6", "--folds", "3").Lines["training"]);
        Assert.Contains("tensors loaded", lines["weights"], StringComparison.Ordinal);
        Assert.Contains("for each of 3 folds", lines["training"], StringComparison.Ordinal);
        Assert.Equal(3, json.GetProperty("trainings").GetInt32());
    }

    private string[] Files() => Directory.Exists(training.Artifacts.Root)
        ? [.. Directory.EnumerateFiles(training.Artifacts.Root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
            .Where(f => Path.GetFileName(f) != "datasets.json").Order(StringComparer.Ordinal)]
        : [];

    private (Dictionary<string, string> Lines, JsonElement Json) Plan(params string[] more)
    {
        var answer = ProgramRunner.Run(
            training.Artifacts.Root,
            [
                "train", "--model", SmallTraining.Network, "--data", training.DataFolder, "--run", "planned", "--dry-run", "--json",
                .. SmallTraining.Quick.Where(s => !s.StartsWith("epochs", StringComparison.Ordinal)).SelectMany(s => (string[])["--set", s]), .. more,
            ]);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        var lines = answer.Output.Split('\n').SkipWhile(l => !l.StartsWith("Plan of the run planned", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(l => !l.StartsWith('{')).Where(l => !l.StartsWith(' '));
        using var json = JsonDocument.Parse(answer.LastLine);
        return (lines.ToDictionary(l => l[..8].Trim(), l => l[8..].Trim(), StringComparer.Ordinal), json.RootElement.Clone());
    }
}

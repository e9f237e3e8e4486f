using System.Text.Json;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Experiments.Studies;

/// <summary>Studies of the real program: short trainings, interrupted and resumed.</summary>
public sealed class StudyProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StudyProgramTests() => DoodleGenerator.Write(new DoodlesOptions { Classes = 2, TrainPerClass = 10, TestPerClass = 1, Seed = 5 }, Data);

    private string Data => Path.Combine(_folder.Root, "few");

    private string Artifacts => Path.Combine(_folder.Root, "artifacts");

    private string[] Tiny =>
    [
        "--data", Data, "--set", "image_size=32", "--set", "batch_size=8", "--set", "workers=1", "--amp", "off", "--device", "cpu", "--json",
    ];

    [Long]
    [Fact]
    public void A_study_of_changes_is_interrupted_and_resumed()
    {
        _folder.With("own.yaml", $"model: {SmallTraining.Network}\nbase: {{ epochs: 2, image_size: 64 }}\nchanges: {{ plain: {{ augmentation: [] }} }}\n");
        string[] study = ["study", "changes", Path.Combine(_folder.Root, "own.yaml"), "--change", "EMA: ema.decay=0.5;ema.warmup=false", .. Tiny];
        var trainings = 0;
        var cut = ProgramRunner.RunWithEnvironment(
            Artifacts, new(StringComparer.Ordinal), line => line.StartsWith("epoch 1:", StringComparison.Ordinal) && ++trainings == 2, study);
        Assert.True(cut.ExitCode == 130, cut.ToString());
        var done = ProgramRunner.Run(Artifacts, study);
        Assert.True(done.ExitCode == 0, done.ToString());
        Assert.Contains("base (1 of 3) is already trained", done.Output, StringComparison.Ordinal);
        Assert.Contains("plain (2 of 3) resumes as", done.Output, StringComparison.Ordinal);
        Assert.Contains("accuracy - base, points", done.Output, StringComparison.Ordinal);
        // The image size of the command line overrides the file's.
        Assert.Contains("32 px", done.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(done.LastLine);
        Assert.Equal(["base", "plain", "EMA"], json.RootElement.EnumerateArray().Select(r => r.GetProperty("setting").GetString()));
        var rows = StudyTable.Read(Path.Combine(Artifacts, "reports", $"changes-own-{SmallTraining.Network}-few.csv"));
        Assert.All(rows, r => Assert.Equal((StudyState.Finished, 2), (r.State, r.Epochs)));
        Assert.Equal(3, Directory.GetDirectories(Path.Combine(Artifacts, "runs")).Count(d => Path.GetFileName(d) != ".locks"));
        Assert.All(rows, r => Assert.True(File.Exists(Path.Combine(Artifacts, "runs", r.Run, "best.safetensors"))));
        Assert.Equal("ema.decay=0.5; ema.warmup=false", rows[2].Detail);

        var same = ProgramRunner.Run(Artifacts, ["study", "changes", "--model", SmallTraining.Network, "--change", "loss.label_smoothing=0.1", .. Tiny]);
        Assert.True(same.ExitCode == 2, same.ToString());
        Assert.Contains("leaves the recipe", same.Error, StringComparison.Ordinal);
    }

    [Long]
    [Fact]
    public void Models_and_losses_are_studied_by_one_command_each()
    {
        var models = ProgramRunner.Run(Artifacts, ["study", "models", "--models", $"{SmallTraining.Network},vit_tiny_patch16_224", "--epochs", "1", .. Tiny]);
        Assert.True(models.ExitCode == 0, models.ToString());
        Assert.Equal(
            [(SmallTraining.Network, "2.3 M, 32 px, 1 epoch"), ("vit_tiny_patch16_224", "5.5 M, 32 px, 1 epoch")],
            StudyTable.Read(Path.Combine(Artifacts, "reports", "models-few.csv")).Select(r => (r.Setting, r.Detail)));
        var losses = ProgramRunner.Run(Artifacts, ["study", "losses", "--set", $"architecture={SmallTraining.Network}", "--epochs", "1", .. Tiny]);
        Assert.True(losses.ExitCode == 0, losses.ToString());
        Assert.Contains("On a CPU, baseline means recipe scratch (random initialisation, 1 epoch).", losses.Output, StringComparison.Ordinal);
        var rows = StudyTable.Read(Path.Combine(Artifacts, "reports", "losses-scratch-few.csv"));
        Assert.Equal(
            ["cross entropy", "label smoothing 0.1", "label smoothing 0.3", "focal", "focal, label smoothing 0.1", "focal, label smoothing 0.3"],
            rows.Select(r => r.Setting));
        Assert.Contains("kind: focal", File.ReadAllText(Path.Combine(Artifacts, "runs", rows[5].Run, "recipe.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Presets_are_studied_by_one_command_and_a_misspelt_one_is_refused_before_training()
    {
        string[] study = ["study", "augmentations", "--model", SmallTraining.Network, "--epochs", "1", .. Tiny, "--name", "mine", "--settings", "none"];
        var wrong = ProgramRunner.Run(Artifacts, [.. study, "misspelt"]);
        Assert.True(wrong.ExitCode == 2, wrong.ToString());
        Assert.False(Directory.Exists(Path.Combine(Artifacts, "runs")));
        var done = ProgramRunner.Run(Artifacts, study);
        Assert.True(done.ExitCode == 0, done.ToString());
        Assert.Matches("(?m)^none +[0-9.]+ +[0-9.]+ +[0-9:]+$", done.Output);
        Assert.Equal("none", Assert.Single(StudyTable.Read(Path.Combine(Artifacts, "reports", "mine.csv"))).Setting);

        // More seeds: the first is already trained, and all are validated on the same images.
        var more = ProgramRunner.Run(Artifacts, [.. study, "--seeds", "1", "2"]);
        Assert.True(more.ExitCode == 0, more.ToString());
        Assert.Contains("none, seed 1 (1 of 2) is already trained", more.Output, StringComparison.Ordinal);
        Assert.Contains("2 seeds: mean ± standard deviation", more.Output, StringComparison.Ordinal);
        var rows = StudyTable.Read(Path.Combine(Artifacts, "reports", "mine.csv"));
        Assert.Equal([1L, 2L], rows.Select(r => r.Seed));
        Assert.Contains("-none-seed-2-", rows[1].Run, StringComparison.Ordinal);
        Assert.Contains("split_seed: 1", File.ReadAllText(Path.Combine(Artifacts, "runs", rows[1].Run, "recipe.yaml")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}

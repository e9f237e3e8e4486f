using System.Text.Json;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

public class TrainingScheduleTests
{
    [Fact]
    public void A_schedule_has_the_rate_of_every_step()
    {
        var recipe = new Recipe
        {
            Epochs = 3,
            BatchSize = 4,
            Schedule = new Cosine { WarmupEpochs = 1, WarmupFactor = 0.1 },
            Optimizer = new AdamW { LearningRate = 0.5 },
        };
        var schedule = TrainingSchedule.Compute(recipe, 18);
        Assert.Equal((4L, 12), (schedule.StepsPerEpoch, schedule.Rates.Length));
        Assert.Equal((0.05, 0.5, 0.0005), (Math.Round(schedule.Rates[0], 9), Math.Round(schedule.Rates[4], 9), Math.Round(schedule.Rates[^1], 9)));
        Assert.Single(TrainingSchedule.Compute(recipe with { Epochs = 1 }, 3).Rates);
    }

    [Fact]
    public void A_dry_run_prints_and_draws_the_schedule_and_trains_nothing()
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Root, "few");
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 10, TestPerClass = 1, Seed = 5 }, data);
        var artifacts = Path.Combine(folder.Root, "artifacts");
        var answer = ProgramRunner.Run(
            artifacts,
            [
                "train", "--model", "resnet18", "--data", data, "--run", "planned", "--dry-run", "--full", "--json",
                // This split has 24 training images: three steps per epoch.
                "--set", "data.split_seed=3", "--set", "schedule.kind=cosine_restarts", .. TrainedRuns.Quick,
            ]);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(6, json.RootElement.GetProperty("steps").GetInt32());
        Assert.Contains("cosine_restarts", answer.Output, StringComparison.Ordinal);
        // The first cycle of ten epochs does not end in a run of two.
        Assert.Contains("Warning: schedule.cycle_epochs is 10 and the run has 2 epochs", answer.Output, StringComparison.Ordinal);
        var picture = json.RootElement.GetProperty("picture").GetString()!;
        Assert.Equal(Path.Combine(artifacts, "reports", "planned-schedule.png"), picture);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(picture).Take(4));
        Assert.False(Directory.Exists(Path.Combine(artifacts, "runs", "planned")));
    }
}

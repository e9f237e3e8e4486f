using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Replaces, resumes and interrupts runs by the real program: nothing that is finished is lost.</summary>
public class RunReservationTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private string Root => training.Artifacts.Root;

    [Long]
    [Fact]
    public void A_refused_interrupted_or_killed_overwrite_leaves_the_run_as_it_was_and_a_complete_one_takes_its_results_along()
    {
        var folder = training.Artifacts.Run("keep");
        Succeed(Train("keep", "epochs=1"));
        Succeed(["predict", "--run", "keep"]);
        var before = SmallTraining.Contents(Root);
        Assert.Contains(before.Keys, f => f.EndsWith("keep.csv", StringComparison.Ordinal));

        var refused = ProgramRunner.Run(Root, [.. Train("keep", "epochs=1"), "--overwrite", "--set", "loss.class_weights=[1,1]"]);
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Equal(before, SmallTraining.Contents(Root));

        // Every step takes long enough that the first epoch is not complete when the signal arrives.
        string[] slow = [.. Train("keep", "epochs=2"), "--overwrite", "--set", "batch_size=1", "--set", "image_size=64", "--set", "checkpoints.every_steps=1"];
        var isReplacing = () => ResumeFiles.List(folder.Resume).Any(f => Path.GetFileName(f).StartsWith("epoch-00000", StringComparison.Ordinal));
        var interrupted = ProgramRunner.RunAndSignal(Root, isReplacing, TimeSpan.Zero, Terminate, slow);
        Assert.True(interrupted.ExitCode == 130, interrupted.ToString());
        Assert.Contains("The run keep is as it was before", interrupted.Output, StringComparison.Ordinal);
        Assert.Equal(before, SmallTraining.Contents(Root));

        string[] diverging = ["--overwrite", "--set", "optimizer.learning_rate=1e30", "--set", "optimizer.clip=off"];
        var failed = ProgramRunner.Run(Root, [.. Train("keep", "epochs=1"), .. diverging]);
        Assert.True(failed.ExitCode == 1, failed.ToString());
        Assert.Contains("The run keep is as it was before", failed.Output, StringComparison.Ordinal);
        Assert.Equal(before, SmallTraining.Contents(Root));

        var killed = ProgramRunner.RunAndSignal(Root, isReplacing, TimeSpan.Zero, Kill, slow);
        Assert.True(killed.ExitCode == 128 + Kill, killed.ToString());
        Assert.NotEqual(before, SmallTraining.Contents(Root));
        var next = ProgramRunner.Run(Root, "runs");
        Assert.Contains("The run keep is as it was before", next.Error, StringComparison.Ordinal);
        Assert.Contains("keep", next.Output, StringComparison.Ordinal);
        Assert.Equal(before, SmallTraining.Contents(Root));

        Succeed([.. Train("keep", "epochs=1"), "--overwrite", "--set", "seed=2"]);
        Assert.Equal(2, folder.Read().Seed);
        Assert.DoesNotContain(
            SmallTraining.Contents(Root).Keys,
            f => f.EndsWith("keep.csv", StringComparison.Ordinal) || f.EndsWith("keep.parquet", StringComparison.Ordinal)
                || f.Contains(".replaced", StringComparison.Ordinal));
    }

    [Long]
    [Fact]
    public void A_run_that_was_interrupted_at_once_is_resumed_with_its_own_model_and_nothing_is_never_resumed()
    {
        var nothing = ProgramRunner.Run(Root, "train", "--run", "never", "--resume");
        Assert.Equal(1, nothing.ExitCode);
        Assert.Contains("There is no run never", nothing.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(training.Artifacts.Run("never").Folder));

        // The mean and std of the images are measured before the model is built.
        var folder = training.Artifacts.Run("early");
        var cut = ProgramRunner.RunAndSignal(
            Root, () => RunLock.IsHeld(folder), TimeSpan.Zero, Terminate, [.. Train("early", "epochs=1"), "--set", "preparation.normalization=data_set"]);
        Assert.True(cut.ExitCode is 130 or 0, cut.ToString());
        var resumed = ProgramRunner.Run(Root, "train", "--run", "early", "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal(SmallTraining.Network, folder.Read().Architecture);
        Assert.Single(EpochMetrics.Read(folder.Metrics));
    }

    [Fact]
    public void A_sweep_or_study_that_another_process_runs_is_refused()
    {
        var sweep = Path.Combine(training.Root, "two.yaml");
        File.WriteAllText(sweep, "method: grid\nmetric: { name: val_loss, goal: minimize }\nparameters: { seed: { values: [1, 2] } }\n");
        using (FileLock.TryAcquire(Path.Combine(Root, "sweeps", ".locks", "two.lock")))
        using (FileLock.TryAcquire(Path.Combine(Root, "reports", ".locks", "changes.lock")))
        {
            foreach (var more in (string[][])[[], ["--overwrite"]])
            {
                var refused = ProgramRunner.Run(Root, ["sweep", sweep, "--data", training.DataFolder, "--model", "resnet18", .. more]);
                Assert.Equal((1, "Another process runs the sweep two; wait for it, or give another --name."), (refused.ExitCode, refused.Error.Trim()));
            }

            var study = ProgramRunner.Run(Root, "study", "models", "--models", "resnet18", "--data", training.DataFolder, "--name", "changes", "--epochs", "1");
            Assert.Equal((1, "Another process runs the study changes; wait for it, or give another --name."), (study.ExitCode, study.Error.Trim()));
        }

        Assert.False(Directory.Exists(Path.Combine(Root, "sweeps", "two")));
    }

    private void Succeed(string[] arguments)
    {
        var answer = ProgramRunner.Run(Root, arguments);
        Assert.True(answer.ExitCode == 0, answer.ToString());
    }

    private string[] Train(string run, string epochs) =>
    [
        "train", "--model", SmallTraining.Network, "--data", training.DataFolder, "--run", run,
        .. SmallTraining.Quick.Append(epochs).SelectMany(s => (string[])["--set", s]),
    ];
}

using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

/// <summary>Sends Ctrl-C to verbs of the real program: each exits with 130, says what happened, and changes no file that it had not finished.</summary>
public sealed class InterruptedVerbTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    private const int SigInt = 2;
    private const int Interrupted = 130;
    private const string WhileWriting =
        "Interrupted while files were written: each is complete or unchanged. The same command writes all of them again.";

    [Long]
    [Theory]
    [InlineData("ensemble", "Interrupted; nothing was written. The same command starts again.")]
    [InlineData("evaluate --run one", "Interrupted; nothing was written. The same command starts again.")]
    [InlineData("runs", "Interrupted; nothing was changed.")]
    [InlineData("models info vit_base_patch16_224", "Interrupted; nothing was changed.")]
    public void A_verb_that_reads_ends_immediately_with_a_sentence(string command, string sentence)
    {
        // The program may end before the signal, or be asked before it listens; one of the moments hits it.
        foreach (var milliseconds in new[] { 300, 450, 600, 900, 1300, 2000, 3000 })
        {
            var before = SmallTraining.Contents(runs.Artifacts);
            var answer = ProgramRunner.RunAndSignal(runs.Artifacts, () => true, TimeSpan.FromMilliseconds(milliseconds), SigInt, command.Split(' '));
            if (answer.ExitCode == Interrupted && answer.Error.Length > 0)
            {
                Assert.Contains(answer.Error.Trim(), (string[])[sentence, WhileWriting]);
                Assert.Empty(Directory.EnumerateFileSystemEntries(runs.Artifacts, "*.tmp", SearchOption.AllDirectories));
                return;
            }

            Assert.Contains(answer.ExitCode, (int[])[0, Interrupted]);
            Assert.Equal(before.Keys, SmallTraining.Contents(runs.Artifacts).Keys.Intersect(before.Keys, StringComparer.Ordinal));
        }

        Assert.Fail($"{command} was never interrupted");
    }

    [Long]
    [Fact]
    public void Training_prediction_and_sweeps_say_how_to_continue()
    {
        var train = Interrupt(
            "epoch 1:", ["train", "--model", "resnet18", "--data", runs.Data, "--run", "stopped", "--epochs", "1000", .. TrainedRuns.Tiny]);
        Assert.Contains("Continue with: --run stopped --resume", train.Output, StringComparison.Ordinal);
        Assert.Contains("Stopping after the current step; Ctrl-C again ends immediately.", train.Error, StringComparison.Ordinal);

        var predict = Interrupt("run ", ["predict", "--run", "all", "--data", runs.Data, "--tta", "hflip", "--tta", "multi-scale"]);
        Assert.Contains("The tables and submissions named above are complete", predict.Output, StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        folder.With("s.yaml", "method: random\nmetric: {name: val_accuracy, goal: maximize}\nparameters: {seed: {min: 1, max: 1000}}\n");
        var sweep = Interrupt(
            "epoch 1:",
            ["sweep", folder["s.yaml"], "--model", "resnet18", "--data", runs.Data, "--count", "50", "--epochs", "100", .. TrainedRuns.Tiny]);
        Assert.Contains("Run the same command again to continue with trial", sweep.Output, StringComparison.Ordinal);
    }

    [Long]
    [Fact]
    public void An_export_in_8_bits_that_is_interrupted_while_it_calibrates_leaves_no_files()
    {
        var exports = runs.File("exports");
        foreach (var milliseconds in new[] { 0, 200, 500, 1000 })
        {
            var answer = ProgramRunner.RunAndSignal(
                runs.Artifacts, () => Directory.Exists(exports) && Directory.GetDirectories(exports, "*.tmp").Length > 0,
                TimeSpan.FromMilliseconds(milliseconds), SigInt, ["export", "--run", "one", "--int8", "--force"]);
            Assert.True(answer.ExitCode == Interrupted, answer.ToString());
            Assert.Contains("Interrupted; nothing was written.", answer.Output, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(exports));
        }
    }

    [Long]
    [Fact]
    public void A_second_Ctrl_C_ends_immediately()
    {
        var signals = 0;
        var answer = ProgramRunner.RunWithEnvironment(
            runs.Artifacts, new(StringComparer.Ordinal), line => line.StartsWith("epoch 1:", StringComparison.Ordinal) && signals++ == 0,
            ["train", "--model", "resnet18", "--data", runs.Data, "--run", "twice", "--epochs", "1000", .. TrainedRuns.Tiny]);
        Assert.Equal(Interrupted, answer.ExitCode);
        var second = ProgramRunner.RunAndSignal(
            runs.Artifacts, () => File.Exists(runs.File("runs", "thrice", "metrics.csv")), TimeSpan.Zero, SigInt,
            ["train", "--model", "resnet18", "--data", runs.Data, "--run", "thrice", "--epochs", "1000", .. TrainedRuns.Tiny], times: 2);
        // The first signal may already have ended the program when the second is sent.
        Assert.Equal(Interrupted, second.ExitCode);
    }

    private ProgramResult Interrupt(string at, string[] arguments)
    {
        var sent = 0;
        var answer = ProgramRunner.RunWithEnvironment(
            runs.Artifacts, new(StringComparer.Ordinal), line => line.StartsWith(at, StringComparison.Ordinal) && sent++ == 0, arguments);
        Assert.True(answer.ExitCode == Interrupted, answer.ToString());
        return answer;
    }
}

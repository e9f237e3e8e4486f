using SketchFlow.Data.Machine;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Kills the program with SIGKILL and stops it with SIGTERM while it trains.</summary>
public class KillTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private static readonly string[] _settings =
        [.. SmallTraining.Quick.Append("checkpoints.every_steps=2").Append("checkpoints.top=2").SelectMany(s => (string[])["--set", s])];

    private string[] Train(string run) => ["train", "--model", SmallTraining.Network, "--data", training.DataFolder, "--run", run, "--resume", .. _settings];

    [Long]
    [Fact(Timeout = 1_200_000)]
    public async Task A_run_killed_at_any_moment_and_resumed_ends_with_the_same_metrics_and_weights()
    {
        await Task.Yield();
        var artifacts = training.Artifacts;
        var whole = ProgramRunner.Run(artifacts.Root, Train("whole"));
        Assert.True(whole.ExitCode == 0, whole.ToString());
        var killed = artifacts.Run("killed");
        var random = KeyedRandom.For(1, 0, 0, "moments of kills");
        var signals = (int[])[Kill, Terminate, Kill, Kill];
        foreach (var signal in signals)
        {
            // Each process writes at least one more resume file, and gets the signal within the next 250 ms: in a step, a write, a rename or validation.
            var before = ResumeFiles.List(killed.Resume).FirstOrDefault();
            var after = TimeSpan.FromMilliseconds(random.NextInteger(0, 250));
            var answer = ProgramRunner.RunAndSignal(
                artifacts.Root, () => ResumeFiles.List(killed.Resume).FirstOrDefault() != before, after, signal, Train("killed"));
            Assert.True(answer.ExitCode == 0 || answer.ExitCode == (signal == Terminate ? 130 : 128 + Kill), answer.ToString());
        }

        var last = ProgramRunner.Run(artifacts.Root, Train("killed"));
        Assert.True(last.ExitCode == 0, last.ToString());
        SmallTraining.AssertSame(artifacts.Run("whole"), killed);
        var complete = ProgramRunner.Run(artifacts.Root, "train", "--run", "killed", "--resume");
        Assert.True(complete.ExitCode == 0, complete.ToString());
        Assert.Contains("is complete", complete.Output, StringComparison.Ordinal);
        Assert.Equal(1, ProgramRunner.Run(artifacts.Root, "train", "--resume").ExitCode);
    }
}

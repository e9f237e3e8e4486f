using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

/// <summary>Sends signals to trainings of the real program.</summary>
public class InterruptionTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private const int Hangup = 1;
    private const int User = 10;

    [Long]
    [Theory]
    [InlineData(Hangup, "hangup")]
    [InlineData(User, "user")]
    public void A_closed_terminal_and_the_notice_of_a_time_limit_save_the_training_and_exit_with_130(int signal, string run)
    {
        var folder = training.Artifacts.Run(run);
        var answer = ProgramRunner.RunAndSignal(
            training.Artifacts.Root, () => File.Exists(folder.Metrics), TimeSpan.Zero, signal, Train(run, "epochs=100000"), times: 2);
        Assert.True(answer.ExitCode == 130, answer.ToString());
        Assert.Contains($"Continue with: --run {run} --resume", answer.Output, StringComparison.Ordinal);
        var saved = ResumeFiles.FindLatest(folder.Resume, _ => { })!.State;
        Assert.Null(saved.End);
        var resumed = ProgramRunner.Run(training.Artifacts.Root, "train", "--resume", "--run", run, "--epochs", $"{saved.Epoch + 1}");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Contains("Resumed from", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(saved.Epoch + 1, EpochMetrics.Read(folder.Metrics).Length);
    }

    [Long]
    [Fact]
    public void A_program_that_nohup_started_goes_on_when_the_terminal_is_closed()
    {
        var folder = training.Artifacts.Run("nohup");
        var answer = ProgramRunner.RunAndSignal(
            training.Artifacts.Root, () => File.Exists(folder.Recipe), TimeSpan.Zero, Hangup, Train("nohup", "epochs=2"), ignoresHangup: true);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Equal(2, EpochMetrics.Read(folder.Metrics).Length);
    }

    private string[] Train(string run, string epochs) =>
    [
        "train", "--model", SmallTraining.Network, "--data", training.DataFolder, "--run", run,
        .. SmallTraining.Quick.Append(epochs).SelectMany(s => (string[])["--set", s]),
    ];
}

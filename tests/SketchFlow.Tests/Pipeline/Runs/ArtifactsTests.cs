using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Runs;

public sealed class ArtifactsTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    [InlineData("a\tb")]
    [InlineData("a\u001b[2J")]
    [InlineData("a\u2028b")]
    public void A_name_that_is_no_file_name_or_has_a_control_character_is_refused_in_one_line(string name)
    {
        var message = Assert.Throws<UsageException>(() => Artifacts.CheckName(name, "--name")).Message;
        Assert.StartsWith("--name: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.Throws<UsageException>(() => Artifacts.CheckNewRun(name, "--run"));
    }

    [Fact]
    public void A_run_cannot_be_called_all_and_other_names_can()
    {
        Assert.Contains("every run", Assert.Throws<UsageException>(() => Artifacts.CheckNewRun("all", "--run")).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => Artifacts.CheckNewRun("All", "--run"));
        Assert.Equal("all", Artifacts.CheckName("all", "--name"));
        Assert.Equal("all-1 é", Artifacts.CheckNewRun("all-1 é", "--run"));
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, "train", "--run", "all", "--data", folder.Root);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("stands for every run", answer.Error, StringComparison.Ordinal);
    }
}

using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>The lines in which <c>train --dry-run --full</c> describes its flow, its steps, schedule, optimiser and loss are the approved ones.</summary>
public sealed class FlowLineTests(FlowLineTests.SharedArtifacts shared) : IClassFixture<FlowLineTests.SharedArtifacts>
{
    [Theory(Timeout = 300_000)]
    [InlineData("convnext_atto_64")]
    [InlineData("resnet18")]
    [InlineData("vit_tiny")]
    [InlineData("baseline_resnet50")]
    public async Task A_dry_run_describes_the_training_as_approved(string recipe)
    {
        await Task.Yield();
        var answer = ProgramRunner.Run(
            shared.Folder["artifacts"], "train", "--model", recipe, "--dry-run", "--full", "--device", "cpu",
            "--set", "workers=2", "--set", "threads=1", "--set", "pretrained=null");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        var lines = answer.Output.Split('\n').SkipWhile(line => !line.StartsWith("flow", StringComparison.Ordinal));
        ApprovedText.Matches(Path.Combine("flows", recipe + ".txt"), string.Join('\n', lines).Replace(shared.Folder.Root, "FOLDER", StringComparison.Ordinal));
    }

    /// <summary>One artifacts folder for all cases, so that the built-in data set is drawn once.</summary>
    public sealed class SharedArtifacts : IDisposable
    {
        internal TemporaryFolder Folder { get; } = new();

        /// <inheritdoc/>
        public void Dispose() => Folder.Dispose();
    }
}

using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;
using SketchFlow.Tests.Pipeline.Serving;

namespace SketchFlow.Tests.Pipeline.Runs;

public sealed class EpochMetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["metrics.csv"];

    [Fact]
    public void Rows_are_read_as_they_were_written()
    {
        EpochMetrics[] rows =
        [
            new() { Epoch = 1, ValidationLoss = 0.5, ValidationAccuracy = 0.25, SkippedSteps = 3 }, new() { Epoch = 2, AverageLoss = 0.125 },
        ];
        EpochMetrics.Write(File, rows);

        Assert.Equal(rows.Select(r => r.ToNumbers()), EpochMetrics.Read(File).Select(r => r.ToNumbers()));
    }

    [Theory]
    [InlineData("epoch,skipped_steps\n1,0.5\n", "Line 2 of", "'0.5' in a column of numbers")]
    [InlineData("epoch,val_loss\n1,0.5\n2,small\n", "Line 3 of", "'small' in a column of numbers")]
    [InlineData("epoch\n99999999999999\n", "Line 2 of", "'99999999999999' in a column of numbers")]
    public void A_damaged_cell_is_named(string text, params string[] parts)
    {
        System.IO.File.WriteAllText(File, text);
        var error = Assert.Throws<RefusalException>(() => EpochMetrics.Read(File));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_with_a_damaged_table_hides_no_other_run()
    {
        ServedSite.WriteRun(_folder["artifacts"], "one", 2);
        ServedSite.WriteRun(_folder["artifacts"], "two", 2);
        System.IO.File.WriteAllText(new Artifacts(_folder["artifacts"]).Run("two").Metrics, "epoch,skipped_steps\n1,0.5\n");
        foreach (var verb in (string[])["runs", "report"])
        {
            var answer = ProgramRunner.Run(_folder["artifacts"], verb);
            Assert.Equal(0, answer.ExitCode);
            Assert.Contains("Skipped two: Line 2 of", answer.Error, StringComparison.Ordinal);
        }

        Assert.True(System.IO.File.Exists(Path.Combine(_folder["artifacts"], "reports", "runs", "one", "index.html")));
    }

    public void Dispose() => _folder.Dispose();
}

using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs;

public class MetricsTableTests
{
    [Property(MaxTest = 30)]
    public void Numbers_from_rows_equal_the_numbers_read_from_the_files(double loss, double? average, long skipped, double rate)
    {
        using var root = new TemporaryFolder();
        var folder = new Artifacts(root.Root).Run("one");
        EpochMetrics[] rows =
        [
            new() { Epoch = 1, TrainLoss = loss, AverageLoss = average, AverageAccuracy = average, SkippedSteps = skipped % (1L << 53) },
            new() { Epoch = 2, ValidationLoss = loss, LearningRate = rate },
        ];
        // The first epoch has no timing.
        EpochTiming[] timings = [new() { Epoch = 2, ImagesPerSecond = rate, ValidationSeconds = loss }];
        EpochMetrics.Write(folder.Metrics, rows);
        EpochTiming.Write(folder.Timing, timings);
        var (read, created) = (MetricsTable.ReadRun(folder), MetricsTable.From(rows, timings));
        Assert.Equal(read.Columns, created.Columns);
        Assert.Equal(read.Rows.Length, created.Rows.Length);
        Assert.All(read.Rows.Zip(created.Rows), p => Assert.Equal(p.First, p.Second));
        Assert.Equal(read.Values(read.Rows[1]), new EpochResult(rows[1], timings[0], IsBest: false).Values);
    }

    [Fact]
    public void Values_omit_the_epoch_and_empty_cells()
    {
        var table = MetricsTable.From([new EpochMetrics { Epoch = 3, ValidationLoss = 2 }], []);
        Assert.Equal(3, table.EpochOf(table.Rows[0]));
        Assert.DoesNotContain(table.Values(table.Rows[0]), v => v.Name is "epoch" or "ema_val_loss");
        Assert.Contains(("val_loss", 2.0), table.Values(table.Rows[0]));
    }

    [Fact]
    public void A_file_without_epochs_is_refused_and_a_missing_one_has_no_rows()
    {
        using var root = new TemporaryFolder().With("other.csv", "a,b\n1,2\n");
        var refused = Assert.Throws<RefusalException>(() => MetricsTable.Read(Path.Combine(root.Root, "other.csv")));
        Assert.Contains("expected epoch", refused.Message, StringComparison.Ordinal);
        Assert.Empty(MetricsTable.Read(Path.Combine(root.Root, "missing.csv")).Rows);
    }
}

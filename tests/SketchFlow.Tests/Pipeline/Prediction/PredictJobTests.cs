using SketchFlow.Pipeline.Prediction;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Pipeline.Prediction;

public class PredictJobTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task A_run_writes_its_tables_at_once_and_they_hold_the_returned_logits()
    {
        await Task.Yield();
        var run = training.TrainUninterrupted("predicted", SmallTraining.Recipe("epochs=1"));
        using var job = new PredictJob(run, run.Read(), training.Data, training.Artifacts, SmallTraining.Context());
        _ = job.Run(CancellationToken.None);
        var files = Directory.GetFiles(Path.Combine(training.Artifacts.Logits, training.Data.Name), "predicted.parquet", SearchOption.AllDirectories);
        Assert.Equal(["test", "val"], files.Select(f => Path.GetFileName(Path.GetDirectoryName(f))).Order(StringComparer.Ordinal));
        Assert.All(job.Run(CancellationToken.None), split =>
        {
            var table = LogitsReader.Read(split.Path);
            Assert.Equal((split.Table.Rows, split.Split), (table.Rows, table.Metadata.Split));
            Assert.Equal(split.Table.Ids, table.Ids);
            Assert.Equal(split.Table.ImagePaths, table.ImagePaths);
            Assert.Equal(split.Table.Targets, table.Targets);
            Assert.Equal(split.Table.Statuses, table.Statuses);
            Assert.Equal(split.Table.Logits.ToArray(), table.Logits.ToArray());
        });
    }
}

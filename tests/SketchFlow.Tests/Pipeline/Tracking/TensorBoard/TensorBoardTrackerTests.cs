using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.TensorBoard;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

public class TensorBoardTrackerTests
{

    [Fact]
    public void Every_column_of_the_metrics_becomes_a_scalar_and_the_recipe_a_text()
    {
        using var run = new FakeRun();
        using (var tracker = new TensorBoardTracker(_ => { }))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.75);
            tracker.Ended(RunEnd.Complete, null);
        }

        var read = EventFile.Read(Directory.GetFiles(run.Folder.Folder, "events.*").Single());
        var metrics = MetricsTable.ReadRun(run.Folder);
        Assert.Equal([1L, 2], read.Where(e => e.Scalars.Count > 0).Select(e => e.Step));
        Assert.Equal(metrics.Values(metrics.Rows[1]).Select(v => v.Name).Order(), read[^1].Scalars.Keys.Order());
        Assert.Superset(new HashSet<string>(["val_loss", "train_loss", "learning_rate", "images_per_second"]), read[^1].Scalars.Keys.ToHashSet());
        Assert.Equal(0.75f, read[^1].Scalars["val_accuracy"]);
        Assert.Contains("architecture: resnet18", read.SelectMany(e => e.Texts).Single().Value, StringComparison.Ordinal);
    }
}

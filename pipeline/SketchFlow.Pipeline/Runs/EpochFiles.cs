using SketchFlow.Data.Datasets;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Runs;

/// <summary>What epochs leave in a run's folder for people, <c>predict</c> and timm: weights, tables, and at the end the curves.</summary>
/// <param name="folder">The run's files.</param>
/// <param name="recipe">How an epoch is judged, and how many of the best are kept.</param>
/// <param name="data">The classes.</param>
internal sealed class EpochFiles(RunFolder folder, Recipe recipe, DataSet data)
{
    /// <summary>Weights and tables after an epoch. A repeated epoch writes the same bytes again.</summary>
    /// <param name="learner">What has learnt.</param>
    /// <param name="progress">The run, this epoch included.</param>
    /// <param name="best">Whether the epoch is the best so far.</param>
    public void Write(Learner learner, RunProgress progress, bool best)
    {
        var row = progress.Rows[^1];
        WriteLast(learner, progress);
        if (learner.Average is { } average)
        {
            Checkpoint.Write(folder.LastAverage, average.Model, data, row, average: true);
        }

        if (best)
        {
            WriteJudged(folder.Best, learner, row);
        }

        KeepTop(learner, progress);
        EpochMetrics.Write(folder.Metrics, progress.Rows);
        EpochMetrics.WriteRecall(folder.Recall, data.Classes, progress.Rows);
        EpochTiming.Write(folder.Timing, progress.Timings);
    }

    /// <summary>The weights as they are, with the numbers of the last epoch that is done.</summary>
    /// <param name="learner">What has learnt.</param>
    /// <param name="progress">The run.</param>
    public void WriteLast(Learner learner, RunProgress progress) =>
        Checkpoint.Write(folder.Last, learner.Model, data, progress.Rows is [.., var row] ? row : null);

    /// <summary>Losses and accuracies over the epochs, drawn.</summary>
    /// <param name="rows">The epochs.</param>
    public void DrawCurves(IEnumerable<EpochMetrics> rows) => LearningCurves.Draw(folder.Curves, folder.Name, [.. rows.Select(e => e.Curve)]);

    // The weights that the epoch is judged by: the average where it is the better.
    private void WriteJudged(string path, Learner learner, EpochMetrics row)
    {
        var average = learner.Average is not null && row.AverageIsBetter(recipe.Stopping.Metric);
        Checkpoint.Write(path, average ? learner.Average!.Model : learner.Model, data, row, average);
    }

    // The ranking follows from the rows alone, so that a repeated epoch writes and removes the same files.
    private void KeepTop(Learner learner, RunProgress progress)
    {
        if (recipe.Checkpoints.Top == 0)
        {
            return;
        }

        var row = progress.Rows[^1];
        var kept = progress.Ranked.Take(recipe.Checkpoints.Top).Select(r => r.Epoch).ToHashSet();
        if (kept.Contains(row.Epoch))
        {
            WriteJudged(folder.Checkpoint(row.Epoch), learner, row);
        }

        var files = kept.Select(folder.Checkpoint).ToHashSet(StringComparer.Ordinal);
        if (Directory.Exists(folder.Checkpoints))
        {
            foreach (var file in Directory.EnumerateFiles(folder.Checkpoints, "epoch-*.safetensors").Where(f => !files.Contains(f)))
            {
                File.Delete(file);
            }
        }
    }
}

using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Writes the files of a training run: weights, tables, recipe, resume files and, at the end, the learning curves.</summary>
/// <remarks>Every file is complete or absent, and repeating an epoch writes the same bytes again.</remarks>
/// <param name="folder">The paths of the files.</param>
/// <param name="recipe">The metric that selects the best epochs, and the number of checkpoints to keep.</param>
/// <param name="data">The data set, whose class names go into the files.</param>
public sealed class RunStore(RunFolder folder, Recipe recipe, DataSet data)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new NonFiniteAsNull<double>(), new NonFiniteAsNull<float>() },
    };

    private bool _isStarted;

    private readonly EpochRanking _ranking = new(recipe.Stopping.Metric);

    /// <summary>Facts about the run that its weights carry.</summary>
    public RunIdentity Identity { get; init; } = new() { Classes = data.Classes };

    /// <summary>Writes <c>recipe.yaml</c>.</summary>
    /// <param name="resolved">The fully resolved recipe.</param>
    public void WriteRecipe(Recipe resolved)
    {
        WholeFile.WriteText(folder.Recipe, RecipeFile.Write(resolved));
        _isStarted = true;
    }

    /// <summary>Writes <c>rows.csv</c>, the rows that the run is trained and validated on.</summary>
    public void WriteRows(RunSplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        split.Write(folder);
    }

    /// <summary>Writes the weights and tables after an epoch.</summary>
    /// <param name="learner">The model after the epoch.</param>
    /// <param name="rows">All epochs, including this one.</param>
    /// <param name="timings">Their timings.</param>
    /// <param name="isBest">Whether the epoch is the best so far.</param>
    /// <param name="temperature">Temperature of the selected weights; computed where weights are written that carry it.</param>
    public void WriteEpoch(
        Learner learner, IReadOnlyList<EpochMetrics> rows, IReadOnlyList<EpochTiming> timings, bool isBest, Lazy<double?> temperature)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(rows);
        RequireFolder();
        var row = rows[^1];
        WriteLast(learner, row);
        if (learner.Average is { } average)
        {
            Checkpoint.Write(folder.LastAverage, average.Model, Identity, row, average: true);
        }

        if (isBest)
        {
            WriteSelected(folder.Best, learner, row, temperature);
        }

        UpdateTopCheckpoints(learner, rows, temperature);
        EpochMetrics.Write(folder.Metrics, rows);
        EpochMetrics.WriteRecall(folder.Recall, data.Classes, rows);
        EpochTiming.Write(folder.Timing, timings);
    }

    /// <summary>Writes the current weights to <c>last.safetensors</c>.</summary>
    /// <param name="learner">The model.</param>
    /// <param name="row">The last complete epoch, whose metrics go into the file; null before the first.</param>
    public void WriteLast(Learner learner, EpochMetrics? row)
    {
        ArgumentNullException.ThrowIfNull(learner);
        RequireFolder();
        Checkpoint.Write(folder.Last, learner.Model, Identity, row);
    }

    /// <summary>Writes a resume file and deletes the oldest ones.</summary>
    /// <param name="learner">The model and the optimizer.</param>
    /// <param name="state">The rest of the run.</param>
    public void WriteResume(Learner learner, RunState state)
    {
        RequireFolder();
        ResumeFiles.Write(folder.Resume, learner, state, recipe.Checkpoints.Keep);
    }

    /// <summary>Draws loss and accuracy over the epochs into <c>curves.png</c>.</summary>
    public void WriteCurves(IEnumerable<EpochMetrics> rows) => LearningCurves.Draw(
        folder.Curves, folder.Name,
        [.. rows.Where(r => r.IsValidated).Select(r => new CurvePoint(r.Epoch, r.TrainLoss, r.ValidationLoss, r.TrainAccuracy, r.ValidationAccuracy))]);

    /// <summary>Writes the best epochs of the folds to <c>folds.csv</c>.</summary>
    public void WriteFolds(IEnumerable<FoldResult> folds) => CsvFile.Write(folder.FoldMetrics, folds.Select(f =>
    {
        var (loss, accuracy) = f.Best.Selected(recipe.Stopping.Metric);
        return new { fold = f.Fold, epochs = f.Epochs, best_epoch = f.Best.Epoch, val_loss = loss, val_accuracy = accuracy };
    }));

    /// <summary>Writes a soup as a run that <c>predict</c> accepts: weights, tables, <c>soup.json</c> and recipe.</summary>
    /// <param name="model">The averaged weights.</param>
    /// <param name="row">Their result on the validation images.</param>
    /// <param name="manifest">The content of <c>soup.json</c>.</param>
    public void WriteSoup(FlatModel model, EpochMetrics row, SoupManifest manifest)
    {
        Checkpoint.Write(folder.Best, model, Identity, row, average: true);
        EpochMetrics.Write(folder.Metrics, [row]);
        EpochMetrics.WriteRecall(folder.Recall, data.Classes, [row]);
        WholeFile.WriteText(folder.Soup, JsonSerializer.Serialize(manifest, _json) + "\n");
        WriteRecipe(recipe);
    }

    /// <summary>Deletes the temporary files that a killed process left.</summary>
    public void DeleteTemporaries()
    {
        foreach (var temporary in Directory.EnumerateFiles(folder.Folder, "*.tmp", SearchOption.AllDirectories))
        {
            File.Delete(temporary);
        }
    }

    // Writing would create the folder again, with a part of the run's files.
    private void RequireFolder()
    {
        if (_isStarted && !File.Exists(folder.Recipe))
        {
            throw new RefusalException(
                $"The folder {folder.Folder} or its recipe.yaml was removed while the run was trained; nothing more is written. Train it again.");
        }
    }

    // Writes the trained or the averaged weights, whichever have the better validation result.
    private void WriteSelected(string path, Learner learner, EpochMetrics row, Lazy<double?> temperature)
    {
        // Without validation the average is preferred, as it usually is the better one.
        var average = learner.Average is not null && (!row.IsValidated || row.AverageIsBetter(recipe.Stopping.Metric));
        Checkpoint.Write(path, average ? learner.Average!.Model : learner.Model, Identity with { Temperature = temperature.Value }, row, average);
    }

    // The ranking depends on the rows alone, so that a repeated epoch writes and deletes the same files.
    private void UpdateTopCheckpoints(Learner learner, IReadOnlyList<EpochMetrics> rows, Lazy<double?> temperature)
    {
        if (recipe.Checkpoints.Top == 0 || !rows[^1].IsValidated)
        {
            return;
        }

        var row = rows[^1];
        var kept = _ranking.Sort(rows).Where(_ranking.CanBeBest).Take(recipe.Checkpoints.Top).Select(r => r.Epoch).ToHashSet();
        if (kept.Contains(row.Epoch))
        {
            WriteSelected(folder.Checkpoint(row.Epoch), learner, row, temperature);
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

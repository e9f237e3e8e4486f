using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Trains one recipe after another, all else equal, and keeps the table that compares them.</summary>
/// <remarks>
/// Resumable: a setting whose row stands in the table already, trained by the same recipe, is not trained again; one that was begun goes on from its
/// resume file. A setting that cannot be trained (memory, a loss that is not finite) is a row with its reason, and is tried again by the next study.
/// </remarks>
/// <param name="settings">What is compared, in the order of training; no name twice with one seed.</param>
/// <param name="folder">A folder for a setting's run; it must not exist.</param>
/// <param name="train">Trains a setting in its folder, or goes on with what is there.</param>
/// <param name="log">Takes a line for people.</param>
public sealed class Study(
    IReadOnlyList<StudySetting> settings,
    Func<StudySetting, RunFolder> folder,
    Func<StudySetting, RunFolder, CancellationToken, TrainReport> train,
    Action<string> log)
{
    /// <summary>Trains each setting in turn; the tables are written anew before and after each, so that an interruption costs an epoch at most.</summary>
    /// <param name="table">The columns; its rows are replaced.</param>
    /// <param name="markdown">File of the table for people.</param>
    /// <param name="csv">File of the table for programs; rows of an earlier, interrupted study are taken from it.</param>
    /// <param name="known">The run's folder of a name in that file.</param>
    /// <param name="cancellation">Stops the training under way.</param>
    /// <exception cref="UsageException">A name is there twice; nothing was trained.</exception>
    /// <exception cref="RefusalException">No setting at all could be trained; the sentence gives the first reason.</exception>
    public StudyTable Run(StudyTable table, string markdown, string csv, Func<string, RunFolder> known, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(known);
        if (settings.GroupBy(s => (s.Name, s.Recipe.Seed)).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UsageException($"{twice.Key.Name} is asked for {twice.Count()} times with seed {twice.Key.Seed}; a study takes each setting once with each seed.");
        }

        // What was trained before and is still to come stays in the tables, in case of the next interruption.
        var kept = StudyTable.Read(csv);
        var rows = settings.ToDictionary(s => (s.Name, s.Recipe.Seed), s => kept.FirstOrDefault(r => r.Setting == s.Name && r.Recipe == s.Fingerprint));
        var seeds = settings.Select(s => s.Recipe.Seed).Distinct().Count();
        StudyTable Keep(StudyRow row)
        {
            rows[(row.Setting, row.Seed)] = row;
            table = table with { Rows = [.. settings.Select(s => rows[(s.Name, s.Recipe.Seed)]).OfType<StudyRow>()] };
            WholeFile.WriteText(markdown, table.Markdown());
            WholeFile.WriteText(csv, table.Csv());
            return table;
        }

        foreach (var (setting, i) in settings.Select((s, i) => (s, i + 1)))
        {
            var before = rows[(setting.Name, setting.Recipe.Seed)];
            var title = $"{setting.Name}{(seeds > 1 ? $", seed {setting.Recipe.Seed}" : "")}";
            if (before is { State: StudyState.Finished })
            {
                log($"{title} ({i} of {settings.Count}) was trained before, as {before.Run}");
                Keep(before with { Says = setting.Says });
                continue;
            }

            var run = before is { State: StudyState.Begun } ? known(before.Run) : folder(setting);
            log($"{title} ({i} of {settings.Count}){(before is { State: StudyState.Begun } ? $" goes on as {run.Name}" : "")}");
            var row = new StudyRow(setting.Name, setting.Recipe.Seed, setting.Says, StudyState.Begun, run.Name, setting.Fingerprint);
            Keep(row);
            var done = Train(setting, run, row, cancellation);
            Keep(done);
            if (done.State == StudyState.Failed)
            {
                log($"{title} failed: {done.Reason}");
            }
        }

        return table.Rows.Any(r => r.State == StudyState.Finished) || table.Rows.IsEmpty
            ? table
            : throw new RefusalException($"None of the {settings.Count} settings could be trained; the first, {table.Rows[0].Setting}: {table.Rows[0].Reason}");
    }

    private StudyRow Train(StudySetting setting, RunFolder run, StudyRow row, CancellationToken cancellation)
    {
        try
        {
            var report = train(setting, run, cancellation);
            if (report.Best is not { } best || report.End == RunEnd.Failed)
            {
                return row with { State = StudyState.Failed, Epochs = report.Epochs.Length, Reason = report.Reason ?? "no epoch was finished" };
            }

            // Of the weights that are kept as the best: those of the average (EMA), where it is the better.
            var (loss, accuracy) = best.Selected(setting.Recipe.Stopping.Metric);
            if (!double.IsFinite(loss))
            {
                return row with { State = StudyState.Failed, Epochs = report.Epochs.Length, Reason = "the validation loss is not finite" };
            }

            return row with
            {
                State = StudyState.Finished,
                ValidationLoss = loss,
                ValidationAccuracy = accuracy,
                Time = TimeSpan.FromSeconds(report.Timings.Sum(t => t.TrainSeconds + t.ValidationSeconds)),
                Epochs = report.Epochs.Length,
                Reason = report.Reason ?? "",
            };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One setting that cannot be trained is a result, as two of the report's models were; the study goes on.
            return row with { State = StudyState.Failed, Reason = e.Message.ReplaceLineEndings(" ") };
        }
        finally
        {
            // Whatever the training left to finalizers is freed before the next one asks for memory.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}

using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Trains the settings of a study one after another, and keeps the table that compares them.</summary>
/// <remarks>
/// Resumable: a setting that the table lists as finished with the same recipe is not trained again, also if another version of the program trained it;
/// an interrupted one resumes from its resume file. A setting that cannot be trained (out of memory, a loss that is not finite) becomes a row with the
/// reason, and the next study tries it again.
/// </remarks>
/// <param name="settings">Settings to compare, in the order of training; each name at most once per seed.</param>
/// <param name="newFolder">Returns a run folder for a setting; the folder must not exist.</param>
/// <param name="train">Trains a setting in a folder, or resumes the training in it.</param>
/// <param name="log">Receives a line of progress.</param>
public sealed class StudyJob(
    IReadOnlyList<StudySetting> settings,
    Func<StudySetting, RunFolder> newFolder,
    Func<StudySetting, RunFolder, CancellationToken, TrainReport> train,
    Action<string> log)
{
    /// <summary>Trains the settings; the tables are written before and after each training, so that an interruption costs at most one epoch.</summary>
    /// <param name="table">Table with the columns; its rows are replaced.</param>
    /// <param name="markdown">File of the human-readable table.</param>
    /// <param name="csv">File of the machine-readable table; rows of an earlier study are read from it.</param>
    /// <param name="folderOf">Returns the run folder of a run name in that file.</param>
    /// <param name="cancellation">Stops the current training.</param>
    /// <exception cref="UsageException">A name occurs twice with one seed; nothing was trained.</exception>
    /// <exception cref="RefusalException">No setting could be trained; the message has the first reason.</exception>
    public StudyTable Run(StudyTable table, string markdown, string csv, Func<string, RunFolder> folderOf, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(folderOf);
        if (settings.GroupBy(s => (s.Name, s.Recipe.Seed)).FirstOrDefault(g => g.Count() > 1) is { } duplicate)
        {
            throw new UsageException(
                $"{duplicate.Key.Name} occurs {duplicate.Count()} times with seed {duplicate.Key.Seed}; expected each setting once per seed.");
        }

        // Rows of settings that are not reached yet stay in the tables, in case of another interruption.
        var earlier = StudyTable.Read(csv);
        var rows = settings.ToDictionary(s => (s.Name, s.Recipe.Seed), s => FindRow(earlier, s, folderOf));
        foreach (var (setting, i) in settings.Select((s, i) => (s, i + 1)))
        {
            var before = rows[(setting.Name, setting.Recipe.Seed)];
            var title = $"{Title(setting)} ({i} of {settings.Count})";
            if (before is { State: StudyState.Finished })
            {
                log($"{title} is already trained as {before.Run}");
                Keep(before with { Detail = setting.Detail, Recipe = setting.Fingerprint });
                continue;
            }

            var resumes = before is { State: StudyState.Begun };
            var run = resumes ? folderOf(before!.Run) : newFolder(setting);
            log($"{title}{(resumes ? $" resumes as {run.Name}" : "")}");
            var row = new StudyRow(setting.Name, setting.Recipe.Seed, setting.Detail, StudyState.Begun, run.Name, setting.Fingerprint);
            Keep(row);
            var result = Train(setting, run, row, cancellation);
            Keep(result);
            if (result.State == StudyState.Failed)
            {
                log($"{Title(setting)} failed: {result.Reason}");
            }

            var ended = rows.Values.OfType<StudyRow>().Where(r => r.State == StudyState.Finished).Select(r => r.Time.TotalSeconds);
            var left = settings.Skip(i).Count(s => rows[(s.Name, s.Recipe.Seed)] is not { State: StudyState.Finished });
            if (TrialsLeft.Describe(ended, left, "setting") is { } rest)
            {
                log(rest);
            }
        }

        return table.Rows.Any(r => r.State == StudyState.Finished) || table.Rows.IsEmpty
            ? table
            : throw new RefusalException($"None of the {settings.Count} settings could be trained; the first, {table.Rows[0].Setting}: {table.Rows[0].Reason}");

        void Keep(StudyRow row)
        {
            rows[(row.Setting, row.Seed)] = row;
            table = table with { Rows = [.. settings.Select(s => rows[(s.Name, s.Recipe.Seed)]).OfType<StudyRow>()] };
            WholeFile.WriteText(markdown, table.Markdown());
            WholeFile.WriteText(csv, table.Csv());
        }
    }

    // Another version of the program computes another fingerprint; the recipe that it stored with the run then decides.
    private static StudyRow? FindRow(IReadOnlyList<StudyRow> earlier, StudySetting setting, Func<string, RunFolder> folderOf)
    {
        var named = earlier.Where(r => r.Setting == setting.Name).ToList();
        return named.FirstOrDefault(r => r.Recipe == setting.Fingerprint)
            ?? named.FirstOrDefault(r => r.Seed == setting.Recipe.Seed && StoredRecipe(r, folderOf) is { } stored && setting.IsRecipeOf(stored));
    }

    private static Recipe? StoredRecipe(StudyRow row, Func<string, RunFolder> folderOf)
    {
        try
        {
            return folderOf(row.Run).Read();
        }
        catch (Exception e) when (e is RefusalException or UsageException or IOException)
        {
            return null;
        }
    }

    private string Title(StudySetting setting) =>
        settings.Any(s => s.Recipe.Seed != setting.Recipe.Seed) ? $"{setting.Name}, seed {setting.Recipe.Seed}" : setting.Name;

    private StudyRow Train(StudySetting setting, RunFolder run, StudyRow row, CancellationToken cancellation)
    {
        try
        {
            var report = train(setting, run, cancellation);
            if (report.Best is not { } best || report.End == RunEnd.Failed)
            {
                return row with { State = StudyState.Failed, Epochs = report.Epochs.Length, Reason = report.Reason ?? "no epoch was finished" };
            }

            // The weights that are saved as the best: the averaged ones (EMA) if they are better.
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
            // A setting that cannot be trained is a result, like two of the report's models; the study continues.
            return row with { State = StudyState.Failed, Reason = e.Message.ReplaceLineEndings(" ") };
        }
        finally
        {
            // Frees what the training left to finalizers before the next one needs memory.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}

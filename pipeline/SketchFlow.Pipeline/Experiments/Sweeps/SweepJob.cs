using System.Diagnostics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Runs the trials of a sweep one after another: suggest ─> train ─> judge at the brackets ─> journal ─> table.</summary>
/// <remarks>
/// Trials run in this process, so that a bracket stops a trial after exactly its epoch, and no orphaned process writes into a run that is started
/// again. A native crash costs one trial: the same command continues the sweep, and a trial during which the program died three times is given up.
/// </remarks>
/// <param name="plan">The sweep.</param>
/// <param name="journal">Journal of the sweep.</param>
/// <param name="train">Trains a trial.</param>
/// <param name="onTrialEnd">Receives all trials after each one.</param>
/// <param name="log">Receives a line of progress.</param>
public sealed class SweepJob(SweepPlan plan, SweepJournal journal, TrainTrial train, Action<IReadOnlyList<Trial>> onTrialEnd, Action<string> log)
{
    private const int MaxAttempts = 3;
    private const int MaxInitialFailures = 3;

    /// <summary>Returns the best trial; null if none has a value. A failed trial is never the best.</summary>
    public static Trial? Best(SweepPlan plan, IEnumerable<Trial> trials) =>
        trials.Where(t => t.State != TrialState.Failed && t.Best is { } b && double.IsFinite(b)).OrderBy(t => plan.Maximize ? -t.Best!.Value : t.Best!.Value)
            .ThenBy(t => t.Number).FirstOrDefault();

    /// <summary>Returns the trials with exactly the value of the best one, which is the first of them.</summary>
    public static IReadOnlyList<Trial> Ties(SweepPlan plan, IEnumerable<Trial> trials)
    {
        List<Trial> all = [.. trials];
        return Best(plan, all) is { } best
            ? [.. all.Where(t => t.State != TrialState.Failed && t.Number != best.Number && t.Best == best.Best).OrderBy(t => t.Number)]
            : [];
    }

    /// <summary>Runs the trials that are not complete.</summary>
    /// <param name="count">Total number of trials; null for the plan's cap, or all of a grid.</param>
    /// <param name="cancellation">Stops the current trial; the next call restarts or resumes it.</param>
    /// <returns>All trials.</returns>
    /// <exception cref="RefusalException">Each of the first trials failed.</exception>
    public IReadOnlyList<Trial> Run(int? count, CancellationToken cancellation)
    {
        var total = count ?? plan.RunCap ?? int.MaxValue;
        var expected = plan is { Method: SweepMethod.Grid, Combinations: { } all } ? Math.Min(total, (int)all) : total;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var trials = journal.Trials;
            if (plan.Target is { } target && Best(plan, trials) is { } best && (plan.Maximize ? best.Best >= target : best.Best <= target))
            {
                log($"trial {best.Number} reached the target {target} of {plan.Metric}.");
                return trials;
            }

            Trial trial;
            if (trials.FirstOrDefault(t => t.State == TrialState.Running) is { } interrupted)
            {
                if (interrupted.Attempts >= MaxAttempts)
                {
                    End(interrupted with { State = TrialState.Failed, Reason = $"the program died during it {interrupted.Attempts} times" }, expected);
                    continue;
                }

                trial = journal.Begin(interrupted.Number, interrupted.Units);
            }
            else if (trials.Count >= total || TrialSuggester.Next(plan, trials.Count + 1, Past(trials)) is not { } units)
            {
                return trials;
            }
            else
            {
                trial = journal.Begin(trials.Count + 1, units);
            }

            End(Train(trial, cancellation), expected);
            trials = journal.Trials;
            if (trials.Count == MaxInitialFailures && trials.All(t => t.State == TrialState.Failed))
            {
                throw new RefusalException(
                    $"The first {MaxInitialFailures} trials failed, the last with: {trials[^1].Reason?.TrimEnd('.')}. Fix the cause and start again "
                        + "with --overwrite.");
            }
        }
    }

    private Trial Train(Trial trial, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var history = new List<double>();
        string? stopped = null;
        log($"trial {trial.Number}: {string.Join(", ", plan.SettingsAt(trial.Units).Select(s => $"{s.Parameter.Name} {SweepPlan.Format(s.Value)}"))}");
        try
        {
            train(trial, OnEpoch, cancellation);
            return Done(stopped is null ? TrialState.Finished : TrialState.Stopped, stopped);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Settings that cannot be trained (out of memory, no finite loss) are a result; the sweep continues.
            return Done(TrialState.Failed, e.Message.ReplaceLineEndings(" "));
        }

        string? OnEpoch(int epoch, double value)
        {
            // A resumed run reports earlier epochs again.
            if (epoch <= history.Count)
            {
                history.RemoveRange(epoch - 1, history.Count - epoch + 1);
            }

            history.Add(value);
            stopped = plan.EarlyTerminate?.Judge(
                [.. history.Select(Loss)], journal.Trials.Where(t => t.Number != trial.Number).Select(t => (IReadOnlyList<double>)[.. t.History.Select(Loss)]));
            return stopped;
        }

        Trial Done(TrialState state, string? reason)
        {
            var best = history.Where(double.IsFinite).OrderBy(Loss).Select(v => (double?)v).FirstOrDefault();
            return trial with
            {
                State = state,
                History = [.. history],
                Best = best,
                BestEpoch = best is { } value ? history.IndexOf(value) + 1 : 0,
                Reason = reason,
                Seconds = Math.Round(watch.Elapsed.TotalSeconds, 1),
            };
        }
    }

    private void End(Trial trial, int expected)
    {
        journal.End(trial);
        var best = trial.Best is { } value ? $": {plan.Metric} {MetricText.Of(plan.Metric, value, "0.#####")} at epoch {trial.BestEpoch}" : "";
        log($"trial {trial.Number} {trial.State.ToString().ToLowerInvariant()}{best}{(trial.Reason is { } reason ? $" ({reason})" : "")}");
        var ended = journal.Trials.Where(t => t.State is TrialState.Finished or TrialState.Stopped).Select(t => t.Seconds);
        if (expected < int.MaxValue && TrialsLeft.Describe(ended, expected - journal.Trials.Count, "trial") is { } left)
        {
            log(left);
        }

        onTrialEnd(journal.Trials);
    }

    private double Loss(double value) => plan.Maximize ? -value : value;

    private IReadOnlyList<(double[] Units, double Value)> Past(IReadOnlyList<Trial> trials) =>
        [.. trials.Select(t => (t.Units, t.State != TrialState.Failed && t.Best is { } best ? Loss(best) : double.NaN))];
}

using System.Diagnostics;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Trials one after another: suggest ─> train ─> judge at the brackets ─> journal ─> table.</summary>
/// <remarks>
/// Trials run in this process: a bracket then ends a trial after exactly its epoch, and no orphan writes into a run that is begun again. What a native
/// crash takes with it is one trial: the same command goes on, and a trial in which the program died three times is given up.
/// </remarks>
/// <param name="plan">The sweep.</param>
/// <param name="journal">Its memory.</param>
/// <param name="train">Trains a trial.</param>
/// <param name="ended">Told after each trial.</param>
/// <param name="log">Takes a line for people.</param>
public sealed class SweepJob(SweepPlan plan, SweepJournal journal, TrainTrial train, Action<IReadOnlyList<Trial>> ended, Action<string> log)
{
    private const int MostAttempts = 3;
    private const int FailuresAtFirst = 3;

    /// <summary>The best of the trials; null where none has a value.</summary>
    public static Trial? Best(SweepPlan plan, IEnumerable<Trial> trials) =>
        trials.Where(t => t.Best is { } b && double.IsFinite(b)).OrderBy(t => plan.Maximize ? -t.Best!.Value : t.Best!.Value).ThenBy(t => t.Number).FirstOrDefault();

    /// <summary>Runs what is not done yet.</summary>
    /// <param name="count">Trials in all; null is the plan's cap, or all of a grid.</param>
    /// <param name="cancellation">Stops the trial under way; it is begun again, or gone on with, next time.</param>
    /// <returns>All trials.</returns>
    /// <exception cref="RefusalException">The first trials failed, each of them.</exception>
    public IReadOnlyList<Trial> Run(int? count, CancellationToken cancellation)
    {
        var most = count ?? plan.RunCap ?? int.MaxValue;
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
            if (trials.FirstOrDefault(t => t.State == TrialState.Running) is { } cut)
            {
                if (cut.Attempts >= MostAttempts)
                {
                    End(cut with { State = TrialState.Failed, Reason = $"the program ended within it {cut.Attempts} times" });
                    continue;
                }

                trial = journal.Begin(cut.Number, cut.Units);
            }
            else if (trials.Count >= most || TrialSuggester.Next(plan, trials.Count + 1, Past(trials)) is not { } units)
            {
                return trials;
            }
            else
            {
                trial = journal.Begin(trials.Count + 1, units);
            }

            End(Train(trial, cancellation));
            trials = journal.Trials;
            if (trials.Count == FailuresAtFirst && trials.All(t => t.State == TrialState.Failed))
            {
                throw new RefusalException($"The first {FailuresAtFirst} trials failed, the last because {trials[^1].Reason?.TrimEnd('.')}; mend that, and give --overwrite.");
            }
        }
    }

    private Trial Train(Trial trial, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var history = new List<double>();
        string? stopped = null;
        log($"trial {trial.Number}: {string.Join(", ", plan.At(trial.Units).Select(s => $"{s.Parameter.Name} {SweepPlan.Text(s.Value)}"))}");
        try
        {
            train(trial, Epoch, cancellation);
            return Done(stopped is null ? TrialState.Finished : TrialState.Stopped, stopped);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One set of settings that cannot be trained (out of memory, no finite loss) is a result; the sweep goes on.
            return Done(TrialState.Failed, e.Message.ReplaceLineEndings(" "));
        }

        string? Epoch(int epoch, double value)
        {
            // A run that was resumed tells epochs that were told before.
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

    private void End(Trial trial)
    {
        journal.End(trial);
        log($"trial {trial.Number} {trial.State.ToString().ToLowerInvariant()}{(trial.Best is { } best ? $": {plan.Metric} {best:0.#####} at epoch {trial.BestEpoch}" : "")}{(trial.Reason is { } reason ? $" ({reason})" : "")}");
        ended(journal.Trials);
    }

    private double Loss(double value) => plan.Maximize ? -value : value;

    private IReadOnlyList<(double[] Units, double Value)> Past(IReadOnlyList<Trial> trials) =>
        [.. trials.Select(t => (t.Units, t.State != TrialState.Failed && t.Best is { } best ? Loss(best) : double.NaN))];
}

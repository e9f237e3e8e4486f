using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Experiments.Sweeps;

public sealed class SweepJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];
    private readonly List<int> _trained = [];

    [Theory]
    [InlineData("random")]
    [InlineData("bayes")]
    [InlineData("grid")]
    public void A_sweep_interrupted_anywhere_ends_like_one_that_was_not(string method)
    {
        var plan = Plan(method, "x: { min: 1, max: 5 }, y: { values: [a, b, c] }");
        var whole = Run(plan, "whole", 8);
        Assert.Equal(8, whole.Count);
        for (var cut = 1; cut <= 16; cut += 3)
        {
            var (name, epochs) = ($"cut{cut}", 0);
            Assert.Throws<OperationCanceledException>(() => Run(plan, name, 8, (_, _) => ++epochs == cut ? throw new OperationCanceledException() : null));
            _trained.Clear();
            var again = Run(plan, name, 8);
            Assert.Equal(Describe(plan, whole), Describe(plan, again));
            // Trials that had ended are not trained again.
            Assert.Equal(Enumerable.Range(((cut - 1) / 3) + 1, 8 - ((cut - 1) / 3)), _trained);
        }
    }

    [Fact]
    public void A_journal_with_an_incomplete_last_line_continues_from_the_line_before()
    {
        var plan = Plan("random", "x: { min: 1, max: 5 }");
        var whole = Describe(plan, Run(plan, "j", 3));
        var text = File.ReadAllText(Journal("j"));
        for (var length = text.Length - 1; length > text.Length - 400 && length > 0; length -= 37)
        {
            File.WriteAllText(Journal("j"), text[..length]);
            Assert.Equal(whole, Describe(plan, Run(plan, "j", 3)));
        }
    }

    [Fact]
    public void A_larger_number_of_trials_continues_and_another_sweep_is_refused()
    {
        var plan = Plan("random", "x: { min: 1, max: 50 }");
        Run(plan, "s", 2);
        Assert.Equal(4, Run(plan, "s", 4).Count);
        Assert.Contains("another sweep", Assert.Throws<RefusalException>(() => Run(plan with { Seed = 9 }, "s", 4)).Message, StringComparison.Ordinal);
        Assert.Throws<RefusalException>(() => Run(Plan("random", "x: { min: 1, max: 51 }"), "s", 4));
        File.WriteAllText(Journal("s"), "nonsense\n");
        Assert.Contains("damaged", Assert.Throws<RefusalException>(() => Run(plan, "s", 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hyperband_stops_the_worse_trials_at_the_epoch_of_the_bracket()
    {
        // Each trial is worse than all before, so that only the first passes the bracket of epoch 2.
        var plan = Plan("grid", "x: { min: 1, max: 5 }") with { EarlyTerminate = new Hyperband { MinIter = 2 } };
        var trials = Run(plan, "h", 5, value: (trial, epoch) => trial.Number - (0.1 * epoch), epochs: 6);
        Assert.Equal([6, 2, 2, 2, 2], trials.Select(t => t.History.Length));
        Assert.Equal(TrialState.Finished, trials[0].State);
        Assert.All(trials.Skip(1), t => Assert.Equal(TrialState.Stopped, t.State));
        Assert.All(trials.Skip(1), t => Assert.Contains("bracket of epoch 2", t.Reason!, StringComparison.Ordinal));
    }

    [Fact]
    public void A_trial_that_fails_becomes_a_row_and_the_sweep_continues()
    {
        var plan = Plan("random", "x: { min: 1, max: 50 }");
        var trials = Run(plan, "f", 4, (trial, _) => trial.Number == 2 ? throw new RefusalException("no finite loss") : null);
        Assert.Equal([TrialState.Finished, TrialState.Failed, TrialState.Finished, TrialState.Finished], trials.Select(t => t.State));
        Assert.Equal("no finite loss", trials[1].Reason);
        Assert.Throws<RefusalException>(() => Run(plan, "g", 4, (_, _) => throw new InvalidOperationException("broken")));
    }

    [Fact]
    public void A_failed_trial_is_never_the_best_and_is_ranked_last_whatever_it_reported_before_it_failed()
    {
        var plan = Plan("grid", "x: { min: 1, max: 3 }") with { Target = 0.5 };
        var trials = Run(
            plan, "n", 3, (trial, epoch) => trial.Number == 1 && epoch == 2 ? throw new RefusalException("the validation loss of epoch 2 is NaN") : null,
            (trial, _) => trial.Number);
        Assert.Equal([TrialState.Failed, TrialState.Finished, TrialState.Finished], trials.Select(t => t.State));
        Assert.Equal(2, SweepJob.Best(plan, trials)!.Number);
        Assert.Equal([2, 3, 1], new SweepTable(plan, trials, t => $"n-{t.Number}").Ranked.Select(t => t.Number));
        Assert.Null(SweepJob.Best(plan, [trials[0]]));
    }

    [Fact]
    public void A_trial_during_which_the_program_died_three_times_is_given_up()
    {
        var plan = Plan("random", "x: { min: 1, max: 50 }");
        for (var i = 0; i < 3; i++)
        {
            // The journal of a killed program: the trial has started and not ended.
            var journal = SweepJournal.Open(Journal("d"), plan.Identity([]));
            journal.Begin(1, [0.5]);
        }

        var trials = Run(plan, "d", 2);
        Assert.Equal([TrialState.Failed, TrialState.Finished], trials.Select(t => t.State));
        Assert.Equal([2], _trained);
    }

    [Fact]
    public void Reaching_the_target_ends_the_sweep()
    {
        var plan = Plan("grid", "x: { min: 1, max: 5 }") with { Target = 2.5, Maximize = true };
        Assert.Equal(3, Run(plan, "t", 5, value: (trial, _) => trial.Number).Count);
    }

    [Fact]
    public void After_each_trial_but_the_last_the_log_says_how_long_the_others_will_take()
    {
        Run(Plan("grid", "x: { min: 1, max: 3 }"), "left", 5, (_, epoch) =>
        {
            // Seconds are kept with one digit.
            Thread.Sleep(epoch == 1 ? 120 : 0);
            return null;
        });

        Assert.Equal(
            ["about 1 s left for 2 trials", "about 1 s left for 1 trial"], _log.Where(l => l.Contains(" left for ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Trials_with_exactly_the_best_value_are_ties_and_failed_ones_are_not()
    {
        var plan = Plan("grid", "x: { min: 1, max: 4 }");
        var trials = Run(plan, "ties", 4, value: (trial, _) => trial.Number == 1 ? 5 : 2);

        Assert.Equal(2, SweepJob.Best(plan, trials)!.Number);
        Assert.Equal([3, 4], SweepJob.Ties(plan, trials).Select(t => t.Number));
        Assert.Equal([4], SweepJob.Ties(plan, trials.Select(t => t.Number == 3 ? t with { State = TrialState.Failed } : t)).Select(t => t.Number));
        Assert.Empty(SweepJob.Ties(plan, []));
    }

    [Fact]
    public void The_tables_have_every_trial_and_the_best_first_and_bold()
    {
        var plan = Plan("grid", "x: { values: [1, 2] }, y: { value: 3 }, note: { values: ['a,b'] }");
        var trials = Run(plan, "tables", 2, value: (trial, epoch) => (trial.Number == 2 ? 1 : 5) + (0.1 * epoch));
        var table = new SweepTable(plan, trials, t => $"s-{t.Number}");
        var csv = table.Csv().Split('\n');
        Assert.Equal("trial,run,x,state,val_loss,best_epoch,epochs,seconds,reason", csv[0]);
        Assert.StartsWith("1,s-1,1,finished,5.1,1,3,", csv[1], StringComparison.Ordinal);
        Assert.StartsWith("| **2** | **s-2** | **2** |", table.Markdown().Split('\n')[2], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Journal(string name) => Path.Combine(_folder.Root, name, "journal.jsonl");

    private IReadOnlyList<Trial> Run(
        SweepPlan plan, string name, int count, Func<Trial, int, string?>? each = null, Func<Trial, int, double>? value = null, int epochs = 3)
    {
        value ??= (trial, epoch) => Math.Abs(trial.Units[0] - 0.3) + (0.1 / epoch);
        void Train(Trial trial, Func<int, double, string?> onEpoch, CancellationToken cancellation)
        {
            _trained.Add(trial.Number);
            for (var epoch = 1; epoch <= epochs; epoch++)
            {
                each?.Invoke(trial, epoch);
                if (onEpoch(epoch, value(trial, epoch)) is not null)
                {
                    return;
                }
            }
        }

        return new SweepJob(plan, SweepJournal.Open(Journal(name), plan.Identity([])), Train, _ => { }, _log.Add).Run(count, CancellationToken.None);
    }

    private static string Describe(SweepPlan plan, IReadOnlyList<Trial> trials) =>
        string.Join('\n', trials.Select(t =>
            $"{t.Number} {string.Join(' ', plan.SettingsAt(t.Units).Select(v => v.Value))} {t.State} {t.Best:R} {string.Join(' ', t.History)}"));

    private static SweepPlan Plan(string method, string parameters) =>
        SweepFile.Parse($"method: {method}\nmetric: {{ name: val_loss }}\nparameters: {{ {parameters} }}\n", "test");
}

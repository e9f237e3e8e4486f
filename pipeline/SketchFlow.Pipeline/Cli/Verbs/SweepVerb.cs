using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>sweep</c>: hyper-parameter search.</summary>
[Verb(
    "sweep",
    "Search hyper-parameters (grid, random or bayes) from a W&B sweep file. Run the same command again to continue.",
    Order = 60,
    Examples =
    [
        "sketchflow sweep sweep.yaml --data my-data --count 20",
        "sketchflow sweep sweep.yaml --data my-data --model resnet18 --epochs 5",
    ])]
public sealed class SweepVerb : Verb
{
    private readonly Argument<string> _file = new("file") { Description = "Sweep file in W&B's format: method, metric, parameters, early_terminate, run_cap." };

    private readonly Option<int?> _count = new("--count") { Description = "Total number of trials; default: the file's run_cap, or all of a grid." };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of the sweep and its runs; default: the file's. An existing sweep of that name is continued.",
    };

    private readonly Option<long> _seed = new("--seed") { Description = "Random seed of the suggestions.", DefaultValueFactory = _ => 1 };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Start again, and delete the runs of a sweep of the same name." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _file, CommonOptions.Model, CommonOptions.Data, _count, _name, RecipeOptions.Epochs, RecipeOptions.BatchSize, RecipeOptions.ImageSize,
        CommonOptions.Device, CommonOptions.Set, _overwrite, _seed, CommonOptions.BaseRecipe, RecipeOptions.LearningRate, RecipeOptions.Augmentation,
        RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var file = parsed.GetValue(_file)!;
        var fixedSettings = FixedSettings(parsed);
        var plan = (SweepFile.Read(file) with { Seed = parsed.GetValue(_seed) }).Without(fixedSettings);
        var name = Artifacts.CheckName(parsed.GetValue(_name) ?? plan.Name ?? Path.GetFileNameWithoutExtension(file), "--name");
        var total = parsed.GetValue(_count) ?? plan.RunCap ?? (int?)plan.Combinations
            ?? throw new UsageException($"A {MethodName(plan)} search is endless; give --count N, or set run_cap in {file}.");
        CheckMetric(plan);
        var store = new SweepStore(CommonOptions.ArtifactsOf(parsed), name);
        if (parsed.GetValue(_overwrite) || store.ReadTrials().Count == 0)
        {
            // A sweep of an older version may have settings that a new one may not.
            plan.CheckSettings(units => TrainingChecks.CheckModel(TrialRecipe(parsed, plan, units).Recipe));
        }

        plan.Warnings.ToList().ForEach(Warn);

        using var sweepLock = store.Lock();
        var replacement = parsed.GetValue(_overwrite) ? store.Replace(total) : null;
        foreach (var key in plan.Ignored)
        {
            Log($"Ignored W&B key: {key}");
        }

        try
        {
            replacement?.SetAside();
            var journal = store.OpenJournal(plan.Identity(fixedSettings));
            store.CopyFile(file);
            Log($"sweep {name}: {MethodName(plan)} over {string.Join(", ", plan.Searched.Select(p => $"{p.Name} ({p.Distribution})"))}; "
                + $"{Plural.Of(total, "trial")}{(journal.Trials.Count == 0 ? "" : $", {journal.Trials.Count} of them started before")}");
            return RunInterruptible(
                cancellation => Search(parsed, plan, store, journal, replacement, total, cancellation),
                () => replacement is { IsComplete: false }
                    ? "Interrupted before the first epoch."
                    : $"Interrupted. Run the same command again to continue with trial {Math.Max(1, journal.Trials.Count)}.");
        }
        finally
        {
            replacement?.Restore(Log);
        }
    }

    // The parameters are the results of the checks before, which have no other use in common.
    private int Search(
        ParseResult parsed, SweepPlan plan, SweepStore store, SweepJournal journal, Replacement? replacement, int total, CancellationToken cancellation)
    {
        var trainer = new TrialTrainer(plan.Metric, RecipeOf, store, CommonOptions.ArtifactsOf(parsed))
        {
            Track = parsed.GetValue(CommonOptions.Track)!,
            First = journal.Trials is [var first, ..] ? store.RunOf(first) : null,
            Warn = Warn,
        };
        var trials = new SweepJob(plan, journal, Train, finished => store.Write(Table(finished)), Log).Run(total, cancellation);
        var table = Table(trials);
        store.Write(table);
        var best = SweepJob.Best(plan, trials);
        Print(table, best);
        Log(best is null
            ? NoBest(trials)
            : $"best: {store.RunOf(best).Name}, {plan.Metric} {MetricText.Of(plan.Metric, best.Best!.Value, "0.#####")} at epoch {best.BestEpoch}; "
                + $"repeat it with: sketchflow train --recipe {store.RunOf(best).Recipe}");
        if (SweepJob.Ties(plan, trials) is { Count: > 0 } ties)
        {
            var numbers = string.Join(", ", ties.Select(t => t.Number));
            Log($"{Plural.Of(ties.Count, "other trial")} of the same value: {numbers}; the first one counts as the best.");
        }

        Log($"results: {store.Csv}, table.md");
        CommonOptions.PrintJson(parsed, new
        {
            sweep = Path.GetFileName(store.Folder),
            trials = trials.Select(t => new
            {
                trial = t.Number,
                run = store.RunOf(t).Name,
                state = t.State.ToString().ToLowerInvariant(),
                best = t.Best,
                best_epoch = t.BestEpoch,
                epochs = t.History.Length,
            }),
            best = best is null ? null : store.RunOf(best).Name,
            metric = plan.Metric,
            value = best?.Best,
        });
        return best is null ? ExitCode.Failed : ExitCode.Done;

        void Train(Trial trial, Func<int, double, string?> onEpoch, CancellationToken ends) => trainer.Train(
            trial,
            (epoch, value) =>
            {
                // The new sweep has a result.
                replacement?.Complete();
                return onEpoch(epoch, value);
            },
            ends);

        (Recipe Recipe, JobContext Context) RecipeOf(Trial trial)
        {
            var (recipe, device) = TrialRecipe(parsed, plan, trial.Units);
            return (recipe, CommonOptions.Context(parsed, device));
        }

        SweepTable Table(IReadOnlyList<Trial> rows) => new(plan, rows, t => store.RunOf(t).Name);
    }

    private static void Print(SweepTable trials, Trial? best)
    {
        var table = new TerminalTable();
        string[] columns = [.. trials.Columns.Where(c => c != "reason")];
        string[] always = ["state", trials.Metric];
        foreach (var (column, i) in columns.Select((c, i) => (c, i)))
        {
            table.Text(column, rank: i == 0 || always.Contains(column) ? 0 : 1 + i);
        }

        foreach (var trial in trials.Ranked)
        {
            var style = trial == best ? CellStyle.Green : CellStyle.Plain;
            table.Row([.. columns.Zip(trials.Cells(trial, "R")).Select(c => new TableCell(Shown(c.First, c.Second), style))]);
        }

        table.Print();

        string Shown(string column, string cell) =>
            column == trials.Metric && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? MetricText.Of(column, value)
                : cell;
    }

    private static string NoBest(IReadOnlyList<Trial> trials) => trials.FirstOrDefault(t => t.State == TrialState.Failed) is { } failed
        ? $"No trial has a result; trial {failed.Number} failed: {failed.Reason}"
        : "No trial has a finite value.";

    private static string MethodName(SweepPlan plan) => plan.Method.ToString().ToLowerInvariant();

    private static void CheckMetric(SweepPlan plan)
    {
        var columns = EpochMetrics.Columns;
        if (!columns.Contains(plan.Metric))
        {
            throw new UsageException(
                $"metric.name is {plan.Metric}{Spelling.DidYouMean(plan.Metric, columns)}, expected a column of metrics.csv: "
                + $"{string.Join(", ", columns.Where(m => m != MetricsTable.Epoch))}.");
        }
    }

    /// <summary>Returns the settings that the command line fixes, in the unquoted form that the identity of a journal contains.</summary>
    private static string[] FixedSettings(ParseResult parsed) =>
    [
        .. CommonOptions.Settings(parsed),
        .. parsed.GetValue(RecipeOptions.Epochs) is { } e ? [$"epochs={e}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Amp) is { } amp ? [$"amp={amp}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Device) is { } device ? [$"device={device}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Data) is { } data ? [$"data.path={Path.GetFullPath(data)}"] : Array.Empty<string>(),
        .. parsed.GetResult(CommonOptions.Model) is { Implicit: false }
            ? [$"{RecipeAliases.Model}={parsed.GetValue(CommonOptions.Model)}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.BaseRecipe) is { } recipe ? [$"recipe={recipe}"] : Array.Empty<string>(),
    ];

    private static (Recipe Recipe, ComputeDevice Device) TrialRecipe(ParseResult parsed, SweepPlan plan, IReadOnlyList<double> units)
    {
        var settings = plan.SettingsAt(units);
        var model = settings.FirstOrDefault(s => s.Parameter.Key == RecipeAliases.Model).Value as string;
        string[] set = [.. settings.Where(s => s.Parameter.Key != RecipeAliases.Model)
            .Select(s => RecipeOverride.Create(s.Parameter.Key, JsonSerializer.SerializeToNode(s.Value)))];
        var (_, recipe, device) = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(RecipeOptions.Epochs), _ => { }, set);
        return (recipe, device);
    }
}

using System.CommandLine;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow sweep FILE</c>: hyper-parameter search from a W&amp;B sweep file.</summary>
    private static Command Sweep()
    {
        var file = new Argument<string>("file") { Description = "A sweep in W&B's form: method, metric, parameters, early_terminate, run_cap." };
        var count = new Option<int?>("--count") { Description = "Trials in all; by default the file's run_cap, or all of a grid." };
        var name = new Option<string?>("--name") { Description = "Name of the sweep and its runs; by default the file's. A sweep of that name goes on." };
        var seed = new Option<long>("--seed") { Description = "Seed of the suggestions.", DefaultValueFactory = _ => 1 };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs of each trial; they are then not searched." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Begin again, and remove the runs of a sweep of the same name." };
        var verb = new Command("sweep", "Search settings by training: grid, random or bayes, from a W&B sweep file; goes on where it was stopped.")
        {
            file, CommonOptions.Model, CommonOptions.Data, count, name, seed, epochs, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, overwrite, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var path = parsed.GetValue(file)!;
            var plan = Fix(SweepFile.Read(path) with { Seed = parsed.GetValue(seed) }, parsed, parsed.GetValue(epochs));
            var title = Artifacts.CheckName(parsed.GetValue(name) ?? plan.Name ?? Path.GetFileNameWithoutExtension(path), "--name");
            var most = parsed.GetValue(count) ?? plan.RunCap ?? (int?)plan.Combinations
                ?? throw new UsageException($"A {plan.Method.ToString().ToLowerInvariant()} search has no end of its own; give --count N, or run_cap in {path}.");
            var metrics = EpochMetrics.Columns;
            if (!metrics.Contains(plan.Metric))
            {
                throw new UsageException($"metric.name is {plan.Metric}, which is no column of metrics.csv; known are {string.Join(", ", metrics.Where(m => m != MetricsTable.Epoch))}.");
            }

            CheckSettings(parsed, plan, parsed.GetValue(epochs));
            var folder = Path.Combine(artifacts.Root, "sweeps", title);
            RunFolder RunOf(Trial trial) => artifacts.Run($"{title}-{trial.Number:000}");
            if (parsed.GetValue(overwrite))
            {
                Forget(artifacts, folder, title);
            }

            if (plan.Ignored.Length > 0)
            {
                Log($"{string.Join(", ", plan.Ignored)} of {path} say how W&B starts a program, and mean nothing here.");
            }

            var journal = SweepJournal.Open(Path.Combine(folder, "journal.jsonl"), plan.Identity(FixedSettings(parsed, parsed.GetValue(epochs))));
            WholeFile.Write(Path.Combine(folder, "sweep.yaml"), to =>
            {
                using var from = File.OpenRead(path);
                from.CopyTo(to);
            });
            Log($"sweep {title}: {plan.Method.ToString().ToLowerInvariant()} over {string.Join(", ", plan.Searched.Select(p => $"{p.Name} ({p.Distribution})"))}; {most} trial(s), {journal.Trials.Count} begun before");

            void Tables(IReadOnlyList<Trial> trials)
            {
                var table = new SweepTable(plan, trials, t => RunOf(t).Name);
                WholeFile.WriteText(Path.Combine(folder, "table.csv"), table.Csv());
                WholeFile.WriteText(Path.Combine(folder, "table.md"), table.Markdown());
            }

            var sets = new Dictionary<string, DataSet>(StringComparer.Ordinal);
            void Train(Trial trial, Func<int, double, string?> told, CancellationToken cancellation)
            {
                var (recipe, device) = TrialRecipe(parsed, plan, trial.Units, parsed.GetValue(epochs));
                if (!sets.TryGetValue(recipe.Data.Path ?? "", out var data))
                {
                    sets[recipe.Data.Path ?? ""] = data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
                }

                TrainOne(recipe with { Data = recipe.Data with { Path = data.Root } }, data, RunOf(trial), device, new MetricObserver(plan.Metric, told), parsed, cancellation);
            }

            IReadOnlyList<Trial> trials;
            try
            {
                trials = new SweepJob(plan, journal, Train, Tables, Log).Run(most, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                Log($"Interrupted; the same command goes on with trial {Math.Max(1, journal.Trials.Count)}.");
                return ExitCode.Interrupted;
            }

            Tables(trials);
            new SweepTable(plan, trials, t => RunOf(t).Name).ForTerminal().Print();
            var best = SweepJob.Best(plan, trials);
            Log(best is null ? "No trial has a value." : $"best: {RunOf(best).Name}, {plan.Metric} {best.Best:0.#####} at epoch {best.BestEpoch}; sketchflow train --model {RunOf(best).Recipe} repeats it");
            Log($"{Path.Combine(folder, "table.csv")}, table.md");
            CommonOptions.PrintJson(parsed, new
            {
                sweep = title,
                trials = trials.Select(t => new { trial = t.Number, run = RunOf(t).Name, state = t.State.ToString().ToLowerInvariant(), best = t.Best, best_epoch = t.BestEpoch, epochs = t.History.Length }),
                best = best is null ? null : RunOf(best).Name,
                metric = plan.Metric,
                value = best?.Best,
            });
            return ExitCode.Done;
        });
        return verb;
    }

    private static void TrainOne(Recipe recipe, DataSet data, RunFolder folder, ComputeDevice device, MetricObserver watch, ParseResult parsed, CancellationToken cancellation)
    {
        using var trackers = Trackers.Create(parsed.GetValue(CommonOptions.Track)!, Warn);
        try
        {
            // A trial that was cut off goes on from its resume file; one that had ended is only read.
            var report = new ResumableTraining(data, CommonOptions.Context(device) with { Observers = [.. trackers.Observers, watch] }).Run(recipe, folder, resume: true, cancellation);
            if (report.WasComplete)
            {
                watch.Report(report.Epochs);
            }
        }
        finally
        {
            // Whatever the trial left to finalizers is freed before the next one asks for memory.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>What the command line sets is not searched.</summary>
    private static SweepPlan Fix(SweepPlan plan, ParseResult parsed, int? epochs)
    {
        var set = FixedSettings(parsed, epochs).Select(s => s.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        var model = set.Contains(SweepNames.Model);
        var kept = plan.Parameters.RemoveAll(p => set.Contains(p.Key) || (model && p.Key == "architecture"));
        return kept.IsEmpty
            ? throw new UsageException("The command line sets all parameters of the sweep, so that nothing is left to search; set fewer.")
            : plan with { Parameters = kept };
    }

    private static IReadOnlyList<string> FixedSettings(ParseResult parsed, int? epochs) =>
    [
        .. parsed.GetValue(CommonOptions.Set)!,
        .. epochs is { } e ? [$"epochs={e}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Amp) is { } amp ? [$"amp={amp}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Device) is { } device ? [$"device={device}"] : Array.Empty<string>(),
        .. parsed.GetValue(CommonOptions.Data) is { } data ? [$"data.path={Path.GetFullPath(data)}"] : Array.Empty<string>(),
        .. parsed.GetResult(CommonOptions.Model) is { Implicit: false } ? [$"{SweepNames.Model}={parsed.GetValue(CommonOptions.Model)}"] : Array.Empty<string>(),
    ];

    private static (Recipe Recipe, ComputeDevice Device) TrialRecipe(ParseResult parsed, SweepPlan plan, IReadOnlyList<double> units, int? epochs)
    {
        var settings = plan.At(units);
        var model = settings.FirstOrDefault(s => s.Parameter.Key == SweepNames.Model).Value as string;
        string[] set = [.. settings.Where(s => s.Parameter.Key != SweepNames.Model).Select(s => $"{s.Parameter.Key}={JsonSerializer.Serialize(s.Value)}")];
        var (_, recipe, device) = CommonOptions.RecipeNamed(parsed, model, epochs, _ => { }, set);
        return (recipe, device);
    }

    /// <summary>Every setting at both ends of its values, before anything is trained.</summary>
    private static void CheckSettings(ParseResult parsed, SweepPlan plan, int? epochs)
    {
        double[] middle = [.. plan.Searched.Select(_ => 0.5)];
        TrialRecipe(parsed, plan, middle, epochs);
        for (var i = 0; i < middle.Length; i++)
        {
            var distribution = plan.Searched[i].Distribution;
            double[] places = distribution.Kind == DistributionKind.Categorical
                ? [.. Enumerable.Range(0, 1000).Select(u => u / 1000.0).DistinctBy(distribution.Index)]
                : distribution.Kind is DistributionKind.Normal or DistributionKind.LogNormal ? [] : [0, 1];
            foreach (var place in places)
            {
                double[] units = [.. middle];
                units[i] = place;
                try
                {
                    TrialRecipe(parsed, plan, units, epochs);
                }
                catch (Exception e) when (e is UsageException or RefusalException)
                {
                    throw new UsageException($"{plan.Searched[i].Name} {SweepPlan.Text(distribution.At(place))} makes no recipe: {e.Message}", e);
                }
            }
        }
    }

    private static void Forget(Artifacts artifacts, string folder, string title)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        if (Directory.Exists(artifacts.Runs))
        {
            foreach (var run in Directory.EnumerateDirectories(artifacts.Runs, $"{title}-*").Where(d => Path.GetFileName(d)[(title.Length + 1)..] is { Length: >= 3 } tail && tail.All(char.IsAsciiDigit)))
            {
                Directory.Delete(run, recursive: true);
            }
        }
    }
}

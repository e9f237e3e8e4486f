using System.Collections.Immutable;
using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary>The report's augmentation settings in the order of its table, ours last.</summary>
    public static ImmutableArray<string> StudiedAugmentations { get; } =
        ["none", "dataset-normalization", "keep-ratio", "autoaugment", "geo-noise-blur", "randaugment", "geo-morph-cdrop", "hflip-rotate-rbc", "sketch"];

    /// <summary>What settings are compared on where <c>--model</c> does not say: it learns within minutes of fresh weights under any augmentation, which <c>convnext</c> does not.</summary>
    private const string Baseline = "baseline";

    private static readonly Option<string?> StudyModel = new("--model") { Description = $"{CommonOptions.Model.Description} By default {Baseline}, or what a file of changes names." };

    private static readonly Option<int?> StudyEpochs = new("--epochs") { Description = "Epochs of each training; by default the recipe's." };

    private static readonly Option<long[]> StudySeeds = new("--seeds")
    {
        Description = "Train every setting with each of these seeds, on one split; the table has mean and standard deviation. By default once, with the recipe's.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> StudyName = new("--name") { Description = "Name of the table's files; by default study, model and data set. A table is written over by a study of other recipes." };

    private static readonly Option<bool> StudyFresh = new("--fresh")
    {
        Description = "Train every setting anew, also those that an earlier study of the same recipe has finished.",
    };

    /// <summary><c>sketchflow study …</c>: comparisons that take several trainings.</summary>
    private static Command Study() => new("study", "Compare settings by training each: a table of loss, accuracy and time; goes on where it was interrupted.")
    {
        StudyAugmentations(), StudyModels(), StudyLosses(), StudyChanges(),
    };

    private static Command StudyAugmentations()
    {
        var settings = new Option<string[]>("--settings")
        {
            Description = "Augmentation presets; by default those of the report's table, and ours.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. StudiedAugmentations],
        };
        var verb = new Command("augmentations", "Train a model under each augmentation preset (the report's table 4.1).")
        {
            StudyModel, CommonOptions.Data, StudyEpochs, settings, StudySeeds, StudyName, StudyFresh, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var model = parsed.GetValue(StudyModel) ?? Baseline;
            var name = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(StudyEpochs), Log).Name;
            return RunStudy(
                parsed, $"augmentations-{name}", new StudyTable(), s => $"{name}-{s.RunPart}",
                _ => [.. parsed.GetValue(settings)!.Distinct(StringComparer.Ordinal).Select(s => new StudySetting(s, Quiet(parsed, model, $"augmentation={s}").Recipe))]);
        });
        return verb;
    }

    private static Command StudyModels()
    {
        var models = new Option<string[]>("--models")
        {
            Description = "What --model takes elsewhere, several, or with commas between; by default the report's models on a card, small relatives of each family on a processor.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var verb = new Command("models", "Train each model (the report's tables 3.2 and 4.2).")
        {
            models, CommonOptions.Data, StudyEpochs, StudySeeds, StudyName, StudyFresh, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            string[] named = [.. parsed.GetValue(models)!.SelectMany(m => m.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
            var chosen = named.Length > 0 ? new StudyModels([.. named], []) : SketchFlow.Pipeline.Experiments.Studies.StudyModels.For(DeviceChoice.Resolve(parsed.GetValue(CommonOptions.Device) ?? "auto").IsCuda);
            return RunStudy(
                parsed, "models", new StudyTable { Says = "model" }, s => s.RunPart,
                classes => [.. chosen.Names.Select(m => (Asked: m, Is: Quiet(parsed, m, OverridesNotGiven(parsed, chosen.Set)))).Select(m => SketchFlow.Pipeline.Experiments.Studies.StudyModels.Setting(Called(m.Asked, m.Is.Name), m.Is.Recipe, classes))]);

            // A tag stays in the name: resnetv2_50 and resnetv2_50.a1h_in1k are two settings.
            static string Called(string asked, string name) => asked.StartsWith($"{name}.", StringComparison.Ordinal) && !asked.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) ? asked : name;
        });
        return verb;
    }

    private static Command StudyLosses()
    {
        var verb = new Command("losses", "Train a model with each loss of the report's table 4.2: cross entropy, label smoothing, focal, both.")
        {
            StudyModel, CommonOptions.Data, StudyEpochs, StudySeeds, StudyName, StudyFresh, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var model = parsed.GetValue(StudyModel) ?? Baseline;
            var name = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(StudyEpochs), Log).Name;
            return RunStudy(
                parsed, $"losses-{name}", new StudyTable(), s => $"{name}-{s.RunPart}",
                _ => [.. SketchFlow.Pipeline.Experiments.Studies.StudyChanges.Read("losses").Changes.Select(c => new StudySetting(c.Name, Quiet(parsed, model, [.. c.Set]).Recipe))]);
        });
        return verb;
    }

    private static Command StudyChanges()
    {
        var file = new Argument<string?>("file")
        {
            Description = "A YAML file with model, base and changes, or the name of one that comes with the program; by default pacs, unless there is a --change.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var change = new Option<string[]>("--change")
        {
            Description = "A change of the recipe: path.to.key=value, with ; between settings that belong together and NAME: in front if wanted; may be repeated.",
            DefaultValueFactory = _ => [],
        };
        var verb = new Command("changes", "Train a recipe, and the recipe with each change alone: what each choice brings.")
        {
            file, change, StudyModel, CommonOptions.Data, StudyEpochs, StudySeeds, StudyName, StudyFresh, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            string[] changes = parsed.GetValue(change)!;
            var from = parsed.GetValue(file) ?? (changes.Length == 0 ? "pacs" : null);
            var plan = from is null ? new StudyChanges() : SketchFlow.Pipeline.Experiments.Studies.StudyChanges.Read(from);
            plan = plan with { Changes = [.. plan.Changes, .. changes.Select(StudyChange.Parse)] };
            var model = parsed.GetValue(StudyModel) ?? plan.Model ?? Baseline;
            var shared = OverridesNotGiven(parsed, plan.Base);
            var (name, recipe, _) = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(StudyEpochs), Log, shared);
            const string Base = "base";
            return RunStudy(
                parsed, $"changes-{(from is null ? "" : $"{Path.GetFileNameWithoutExtension(from)}-")}{name}", new StudyTable { Says = "what is set", Base = Base },
                s => $"{name}-{s.RunPart}",
                _ =>
                [
                    new StudySetting(Base, recipe),
                    .. plan.Changes.Select(c => (Change: c, Quiet(parsed, model, [.. shared, .. c.Set]).Recipe)).Select(c => RecipeFile.Write(c.Recipe) == RecipeFile.Write(recipe)
                        ? throw new UsageException($"The change {c.Change.Name} leaves the recipe {name} as it is; change something else, or leave it out.")
                        : new StudySetting(c.Change.Name, c.Recipe, string.Join("; ", c.Change.Set))),
                ]);
        });
        return verb;
    }

    /// <summary>The recipe of a setting, without saying how the model's name was understood.</summary>
    private static (string Name, Recipe Recipe, ComputeDevice Device) Quiet(ParseResult parsed, string? model, params string[] more) =>
        CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(StudyEpochs), _ => { }, more);

    /// <summary>What a study sets by itself, less what the command line sets.</summary>
    private static string[] OverridesNotGiven(ParseResult parsed, IEnumerable<string> set)
    {
        var said = parsed.GetValue(CommonOptions.Set)!.Select(s => s.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        return [.. set.Where(s => !said.Contains(s.Split('=')[0]))];
    }

    /// <summary>Opens the data, trains what is not trained, writes and prints the table.</summary>
    private static int RunStudy(
        ParseResult parsed, string title, StudyTable table, Func<StudySetting, string> run, Func<int, IReadOnlyList<StudySetting>> settingsFor)
    {
        using var interruption = new Interruption();
        var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
        var called = parsed.GetValue(StudyName) is { } given ? Artifacts.CheckName(given, "--name") : null;

        // All recipes are read, and their models described, before anything is drawn or trained: a misspelt name costs nothing.
        var path = settingsFor(2) is { Count: > 0 } first ? first[0].Recipe.Data.Path : null;
        var data = DataSource.Open(path, artifacts, Environment.ProcessorCount, Progress.Open);
        var settings = StudySetting.WithSeeds(
        [
            .. settingsFor(data.Classes.Length).Select(s => s.Recipe.Data.Path == path
                ? s with { Recipe = s.Recipe with { Data = s.Recipe.Data with { Path = data.Root } } }
                : throw new UsageException($"{s.Name} is of the data {s.Recipe.Data.Path}, and the first setting of {path ?? "the built-in doodles"}; give one --data for all.")),
        ],
        parsed.GetValue(StudySeeds)!);
        var held = DataSource.Split(data, settings[0].Recipe).Validation.Count;
        var file = Path.Combine(artifacts.Reports, called ?? $"{title}-{data.Name}");
        var (markdown, csv) = ($"{file}.md", $"{file}.csv");
        if (parsed.GetValue(StudyFresh))
        {
            File.Delete(csv);
        }

        TrainReport Train(StudySetting setting, RunFolder folder, CancellationToken cancellation)
        {
            using var trackers = Trackers.Create(parsed.GetValue(CommonOptions.Track)!, Warn);
            return new ResumableTraining(data, CommonOptions.Context(DeviceChoice.Resolve(setting.Recipe.Device)) with { Observers = trackers.Observers }).Run(setting.Recipe, folder, resume: true, cancellation);
        }

        var study = new Study(settings, s => artifacts.Run(artifacts.NewName(parsed.GetValue(StudySeeds)!.Length > 1 ? $"{run(s)}-seed-{s.Recipe.Seed}" : run(s), data.Name)), Train, Log);
        try
        {
            var done = study.Run(table with { ValidationImages = held }, markdown, csv, artifacts.Run, interruption.Token);
            System.Console.Write(done.Markdown());
            Log($"{markdown}, {csv}");
            CommonOptions.PrintJson(parsed, done.Rows.Select(r => new
            {
                setting = r.Setting,
                seed = r.Seed,
                says = r.Says,
                state = r.State.ToString().ToLowerInvariant(),
                val_loss = r.ValidationLoss,
                val_accuracy = r.ValidationAccuracy,
                seconds = r.Time.TotalSeconds,
                epochs = r.Epochs,
                run = r.Run,
                reason = r.Reason,
            }));
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            Log(File.Exists(csv) ? $"Interrupted; {csv} has the settings that were finished, and the same command goes on from here." : "Interrupted.");
            return ExitCode.Interrupted;
        }
    }
}

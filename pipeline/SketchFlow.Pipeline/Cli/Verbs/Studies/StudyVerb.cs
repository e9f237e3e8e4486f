using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs.Studies;

/// <summary>A study: options of all studies, and the action that trains their settings and prints the table.</summary>
public abstract class StudyVerb : Verb
{
    /// <summary>Default of <c>--model</c>: learns within minutes from fresh weights under any augmentation, which <c>convnext</c> does not.</summary>
    protected const string DefaultModel = "baseline";

    /// <summary>The option <c>--model</c> of studies that compare settings of one model.</summary>
    protected Option<string?> Model { get; } = new("--model")
    {
        Description = $"{CommonOptions.Model.Description} Default: {DefaultModel}, or the model of a study file.",
    };

    private readonly Option<long[]> _seeds = new("--seeds", "--seed")
    {
        HelpName = "numbers",
        Description = "Train every setting with each of these seeds, on one split, and print mean and standard deviation. Default: once, with the "
            + "recipe's seed.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of the table's files; default: study, model and data set. A study of other recipes overwrites the table.",
    };

    private readonly Option<bool> _fresh = new("--fresh")
    {
        Description = "Train every setting again, including those that an earlier study of the same recipe finished.",
    };

    /// <summary>Options of all studies, in the order of <c>--help</c>.</summary>
    protected IReadOnlyList<Symbol> StudyParameters =>
    [
        RecipeOptions.Epochs, _seeds, RecipeOptions.BatchSize, RecipeOptions.LearningRate, RecipeOptions.ImageSize, CommonOptions.Device, CommonOptions.Set,
        _name, _fresh, CommonOptions.BaseRecipe, RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp, CommonOptions.Track,
        CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <summary>
    /// Returns the model of the study: <c>--model</c>, that of the study file, or a default; null where <c>--recipe</c> alone names the recipe.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ofFile">The model of the study file, if it names one.</param>
    protected string? ModelOf(ParseResult parsed, string? ofFile = null) =>
        parsed.GetValue(Model) ?? (parsed.GetValue(CommonOptions.BaseRecipe) is null ? ofFile ?? DefaultModel : null);

    /// <summary>Returns the recipe of a setting, without printing which recipe the model's name resolved to.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model; null uses the recipe of <c>--recipe</c>.</param>
    /// <param name="more">Overrides, applied after those of <c>--set</c>.</param>
    protected static (string Name, Recipe Recipe) RecipeFor(ParseResult parsed, string? model, params string[] more)
    {
        var (name, recipe, _) = CommonOptions.RecipeNamed(parsed, model, parsed.GetValue(RecipeOptions.Epochs), _ => { }, more);
        return (name, recipe);
    }

    /// <summary>Returns overrides of a study without those whose key the command line sets.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="overrides">Overrides of the study.</param>
    protected static string[] WithoutGiven(ParseResult parsed, IEnumerable<string> overrides)
    {
        var given = CommonOptions.Settings(parsed).Select(s => s.Split('=')[0]).ToHashSet(StringComparer.Ordinal);
        return [.. overrides.Where(s => !given.Contains(RecipeOverride.Canonical(s).Split('=')[0]))];
    }

    /// <summary>Trains the settings that are not trained yet, and writes and prints the table.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="title">Default name of the table, without the data set.</param>
    /// <param name="table">Table with the columns.</param>
    /// <param name="runName">Returns the name of a setting's run, without the seed.</param>
    /// <param name="settingsFor">Returns the settings for a number of classes.</param>
    protected int RunStudy(
        ParseResult parsed, string title, StudyTable table, Func<StudySetting, string> runName, Func<int, IReadOnlyList<StudySetting>> settingsFor)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var name = parsed.GetValue(_name) is { } given ? Artifacts.CheckName(given, "--name") : null;
        var (data, settings) = Prepare(parsed, artifacts, settingsFor);
        var file = Path.Combine(artifacts.Reports, name ?? $"{title}-{data.Name}");
        var (markdown, csv) = ($"{file}.md", $"{file}.csv");
        using var studyLock = FileLock.TryAcquire(Path.Combine(artifacts.Reports, ".locks", $"{Path.GetFileName(file)}.lock"))
            ?? throw new RefusalException($"Another process runs the study {Path.GetFileName(file)}; wait for it, or give another --name.");
        if (parsed.GetValue(_fresh))
        {
            File.Delete(csv);
        }

        var job = new StudyJob(settings, NewRun, Train, Log);
        table = table with { ValidationImages = DataSource.Split(data, settings[0].Recipe).Validation.Count };
        return RunInterruptible(
            cancellation =>
            {
                var result = job.Run(table, markdown, csv, artifacts.Run, cancellation);
                Print(result);
                Log($"tables: {markdown}, {csv}");
                PrintJson(parsed, result);
                return ExitCode.Done;
            },
            () => File.Exists(csv) ? $"Interrupted; {csv} contains the finished settings. Run the same command again to continue." : "Interrupted.");

        RunFolder NewRun(StudySetting setting)
        {
            var run = runName(setting);
            return artifacts.Run(artifacts.NewName(parsed.GetValue(_seeds)!.Length > 1 ? $"{run}-seed-{setting.Recipe.Seed}" : run, data.Name));
        }

        TrainReport Train(StudySetting setting, RunFolder folder, CancellationToken cancellation)
        {
            using var trackers = Trackers.Create(parsed.GetValue(CommonOptions.Track)!, Warn);
            var context = CommonOptions.Context(parsed, DeviceChoice.Resolve(setting.Recipe.Device)) with { Observers = trackers.Observers };
            return new ResumableTraining(data, context with { EpochsAfter = null }).Run(setting.Recipe, folder, resume: true, cancellation);
        }
    }

    private (DataSet Data, IReadOnlyList<StudySetting> Settings) Prepare(
        ParseResult parsed, Artifacts artifacts, Func<int, IReadOnlyList<StudySetting>> settingsFor)
    {
        // Reads all recipes and builds all models before anything is drawn or trained, so that a misspelt name costs nothing.
        var (path, options) = settingsFor(2) is { Count: > 0 } first ? (first[0].Recipe.Data.Path, first[0].Recipe.Data.ToOptions()) : (null, null);
        var data = CommonOptions.OpenData(path, artifacts, options);
        var settings = settingsFor(data.Classes.Length).Select(s => s.Recipe.Data.Path == path
            ? s with { Recipe = s.Recipe with { Data = s.Recipe.Data with { Path = data.Root } } }
            : throw new UsageException(
                $"{s.Name} uses the data {s.Recipe.Data.Path}, but the first setting uses {path ?? "the built-in doodles"}; give one --data for all."));
        return (data, StudySetting.WithSeeds([.. settings], parsed.GetValue(_seeds)!));
    }

    private static void Print(StudyTable study)
    {
        var (header, rows, note) = study.Cells();
        var table = new TerminalTable();
        foreach (var (column, i) in header.Select((h, i) => (h, i)))
        {
            var isDetail = column == study.DetailHeader;
            var rank = isDetail ? 2 : column.StartsWith("time", StringComparison.Ordinal) ? 1 : 0;
            // The reason of a failure is a sentence.
            _ = i == 0 || isDetail || rows.Any(r => r[i].Length > 24) ? table.Text(column, rank) : table.Number(column, rank);
        }

        foreach (var row in rows)
        {
            var isBest = row.Any(c => c.StartsWith("**", StringComparison.Ordinal));
            table.Row([.. row.Select(c => new TableCell(c.Replace("**", "", StringComparison.Ordinal), isBest ? CellStyle.Green : CellStyle.Plain))]);
        }

        table.Print();
        if (note.Length > 0)
        {
            Log(note);
        }
    }

    private static void PrintJson(ParseResult parsed, StudyTable table) => CommonOptions.PrintJson(parsed, table.Rows.Select(r => new
    {
        setting = r.Setting,
        seed = r.Seed,
        says = r.Detail,
        state = r.State.ToString().ToLowerInvariant(),
        val_loss = r.ValidationLoss,
        val_accuracy = r.ValidationAccuracy,
        seconds = r.Time.TotalSeconds,
        epochs = r.Epochs,
        run = r.Run,
        reason = r.Reason,
    }));
}

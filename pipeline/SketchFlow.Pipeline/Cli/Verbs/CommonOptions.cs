using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.Runs.Replacing;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Options that several verbs share, and the recipes, overrides and output that follow from them.</summary>
internal static class CommonOptions
{
    private static readonly JsonSerializerOptions _compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new NonFiniteAsNull<double>(), new NonFiniteAsNull<float>() },
    };

    private static int _warned;

    public static Option<string> Model { get; } = new("--model")
    {
        Description = "A recipe, a timm architecture, MODEL.TAG for timm's pretrained weights, a recipe file, or a family, which is one recipe on a CPU and "
            + "another on a GPU: convnext (CPU convnext_atto_64, GPU convnext_base), resnet (resnet18, resnet50_card), resnext (resnext50_32x4d, "
            + "resnext101_card), regnety (regnety_002, regnety_card), vit (vit_tiny, vit_base), eva (eva02_tiny, eva_giant), eva02 (eva02_tiny, "
            + "eva02_card), baseline (scratch, baseline_resnet18). See sketchflow recipes list, sketchflow models list.",
        HelpName = "name",
        DefaultValueFactory = _ => "convnext",
    };

    public static Option<string?> BaseRecipe { get; } = new("--recipe", "--config")
    {
        Description = "Recipe of the program or recipe file; with --model, that recipe with that architecture.",
        HelpName = "name",
    };

    public static Option<string?> Data => RecipeOptions.Data;

    /// <summary>The option <c>--data</c> of verbs that use a trained run.</summary>
    public static Option<string?> DataOfRun => RecipeOptions.DataOfRun;

    /// <summary>The option <c>--data</c> of verbs that read cached logits.</summary>
    public static Option<string?> DataOfLogits { get; } = new(RecipeOptions.Data.Name, [.. RecipeOptions.Data.Aliases])
    {
        Description = "Folder or name of the data set whose cached logits are used; default: the one with the newest logits.",
        HelpName = "folder",
    };

    public static Option<string?> Device => RecipeOptions.Device;

    public static Option<string?> Amp => RecipeOptions.Amp;

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "Override a value of the recipe, such as optimizer.weight_decay=0.05 or ema.decay=0.999; may be repeated. "
            + "sketchflow recipes keys lists all keys.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    public static Option<string[]> Track { get; } = new("--track")
    {
        HelpName = "where",
        Description = "TensorBoard files are always written; --track adds MLflow: mlflow:DIR, http://HOST:PORT, or none; may be repeated. "
            + "Default: MLFLOW_TRACKING_URI if it is set.",
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Artifacts { get; } = new("--artifacts", "--project", "--output", "--output-dir")
    {
        Description = "Folder of all output; default: ./artifacts.",
        HelpName = "folder",
    };

    // For verbs whose --output is a file.
    public static Option<string?> ArtifactsOnly { get; } = new("--artifacts", "--project", "--output-dir")
    {
        Description = Artifacts.Description,
        HelpName = Artifacts.HelpName,
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON on the last line." };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show details, and the stack trace of an error.",
        Recursive = true,
    };

    /// <summary>
    /// Returns the output folder that <c>--artifacts</c> names, after restoring the runs that a killed process had set aside and deleting its temporary files.
    /// </summary>
    public static Artifacts ArtifactsOf(ParseResult parsed)
    {
        var artifacts = SketchFlow.Pipeline.Runs.Artifacts.At(parsed.GetValue(Artifacts) ?? parsed.GetValue(ArtifactsOnly));
        Replacement.RestoreAbandoned(artifacts, Console.Error.WriteLine);
        artifacts.DeleteDeadTemporaries();
        return artifacts;
    }

    /// <summary>Creates the context of a job that writes its log to standard output and its progress to standard error.</summary>
    public static JobContext Context(ParseResult parsed, ComputeDevice device) =>
        new(device, Console.WriteLine, Progress.Open) { Verbose = parsed.GetValue(Verbose) };

    /// <summary>Opens the data set of a recipe, and says what it leaves out; without a path, the built-in doodles, which are drawn if necessary.</summary>
    /// <param name="recipe">The data set.</param>
    /// <param name="artifacts">The output folder, for the doodles.</param>
    /// <param name="quiet">Whether the caller says what the data set leaves out.</param>
    public static DataSet OpenData(DataRecipe recipe, Artifacts artifacts, bool quiet = false) => quiet
        ? DataSource.Open(recipe.Path, artifacts, Environment.ProcessorCount, Progress.Open, recipe.ToOptions())
        : OpenData(recipe.Path, artifacts, recipe.ToOptions());

    /// <summary>Opens a data set, and says what it leaves out; without a path, the built-in doodles, which are drawn if necessary.</summary>
    public static DataSet OpenData(string? path, Artifacts artifacts, DataSetOptions? options = null)
    {
        var data = DataSource.Open(path, artifacts, Environment.ProcessorCount, Progress.Open, options);
        PrintNotUsed(data);
        return data;
    }

    /// <summary>Prints what a data set leaves out, if anything.</summary>
    public static void PrintNotUsed(DataSet data)
    {
        if (data.NotUsed.Length > 0)
        {
            Console.WriteLine($"not used: {data.NotUsed}");
        }
    }

    /// <summary>Returns the recipe that the command line describes, the model name that its runs carry, and its device.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="epochs">Value of <c>--epochs</c>; null keeps the recipe's.</param>
    /// <param name="more">Further overrides, applied after those of <c>--set</c>.</param>
    public static (string Name, Recipe Recipe, ComputeDevice Device) Recipe(ParseResult parsed, int? epochs, params string[] more) =>
        RecipeNamed(parsed, null, epochs, Console.WriteLine, more);

    /// <summary>Returns the recipe for another model than <c>--model</c>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="named">The model; null uses <c>--model</c>.</param>
    /// <param name="epochs">Value of <c>--epochs</c>; null keeps the recipe's.</param>
    /// <param name="log">Receives the sentence that names the recipe to which the model's name resolved.</param>
    /// <param name="more">Further overrides, applied after those of <c>--set</c>.</param>
    public static (string Name, Recipe Recipe, ComputeDevice Device) RecipeNamed(
        ParseResult parsed, string? named, int? epochs, Action<string> log, params string[] more)
    {
        var (name, loaded, sentence) = LoadNamed(parsed, named, epochs, more);
        var recipe = loaded.Recipe;
        log($"{sentence} ({DescribeStart(recipe)}, {Plural.Of(recipe.Epochs, "epoch")}).");
        if (parsed.GetValue(Verbose))
        {
            loaded.Dropped.ToList().ForEach(d => log(d.ToString()));
        }

        return (name, recipe, DeviceChoice.Resolve(recipe.Device));
    }

    /// <summary>Returns the recipe for a model with the sources of its values, and a sentence, without its full stop, that names it.</summary>
    /// <inheritdoc cref="RecipeNamed"/>
    public static (string Name, LoadedRecipe Loaded, string Sentence) LoadNamed(ParseResult parsed, string? named, int? epochs, params string[] more)
    {
        var set = Overrides(parsed, epochs, more);
        var model = TakeModel(parsed, named, set);
        // A family resolves to different recipes on CPU and GPU, and a recipe may set the device: decide with the overrides alone.
        var cuda = DeviceChoice.IsCuda(RecipeOverride.Find(set, "device") ?? "auto");
        var pretrained = RecipeOverride.Find(set, "pretrained");
        var (file, own, name, sentence) = parsed.GetValue(BaseRecipe) is { } based
            ? ModelName.ResolveRecipe(based, model, cuda)
            : ModelName.Resolve(model ?? parsed.GetValue(Model)!, cuda, !string.IsNullOrEmpty(pretrained), RecipeOverride.Find(set, "weights"));
        if (pretrained == "default" && RecipeFile.Load(file, own).Pretrained is not (null or TagPreprocessing.Auto))
        {
            // The recipe or the name already chooses a tag.
            set.RemoveAll(s => s.StartsWith("pretrained=", StringComparison.Ordinal));
        }

        return (name, RecipeFile.Read(file, [.. own, .. set]), sentence);
    }

    /// <summary>Returns the recipe that a run was started with, under the overrides of the command line.</summary>
    /// <inheritdoc cref="Recipe"/>
    public static (string Name, Recipe Recipe, ComputeDevice Device) RecipeOfRun(ParseResult parsed, RunFolder run, int? epochs, params string[] more)
    {
        var recipe = run.Read([.. Overrides(parsed, epochs, more)]);
        return (run.Name, recipe, DeviceChoice.Resolve(recipe.Device));
    }

    /// <summary>Returns <c>--device</c>, <c>--amp</c> and <c>--data</c> as overrides of a run's own recipe.</summary>
    public static string[] RunOverrides(ParseResult parsed) =>
    [
        .. RecipeOverride.Optional("device", parsed.GetValue(Device)), .. RecipeOverride.Optional("amp", parsed.GetValue(Amp)),
        .. RecipeOverride.Optional("data.path", parsed.GetValue(Data) ?? parsed.GetValue(DataOfRun)),
    ];

    /// <summary>Returns the name of the data set whose cached logits are used: that of <c>--data</c>, or the one with the newest logits.</summary>
    public static string LogitsDataSet(ParseResult parsed, Artifacts artifacts) => parsed.GetValue(DataOfLogits) is { } folder
        ? new DataSetNames(artifacts).Find(folder)
        : RunLogits.FindNewestDataSet(artifacts);

    /// <summary>Returns a file's full path.</summary>
    /// <param name="path">File or folder; null stays null.</param>
    /// <param name="option">Option that names it.</param>
    /// <exception cref="RefusalException">It does not exist.</exception>
    public static string? Existing(string? path, string option) => path is null || File.Exists(path) || Directory.Exists(path)
        ? path is null ? null : Path.GetFullPath(path)
        : throw new RefusalException($"{option}: there is no file or folder {path}.");

    /// <summary>Whether a name matches a pattern: part of the name, or a pattern in which * stands for any text.</summary>
    public static bool Matches(string pattern, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(
        pattern.Contains('*', StringComparison.Ordinal) ? pattern : $"*{pattern}*", name);

    /// <summary>Prints a value as one line of JSON if <c>--json</c> was given; a number that is not finite is null.</summary>
    public static void PrintJson(ParseResult parsed, object value)
    {
        if (parsed.GetValue(Json))
        {
            // Not WriteLine, which breaks long lines between words.
            Console.Write(JsonSerializer.Serialize(value, _compact) + "\n");
        }
    }

    /// <summary>Prints the first rejected inputs on standard error, and returns the exit code.</summary>
    /// <param name="rejected">The rejected inputs.</param>
    /// <param name="file">CSV file with all of them; see <see cref="RejectionStore"/>.</param>
    public static int PrintRejections(IReadOnlyCollection<Rejected> rejected, string file)
    {
        const int Shown = 10;
        PrintDecodingWarnings();
        if (rejected.Count == 0)
        {
            return ExitCode.Done;
        }

        foreach (var one in rejected.Take(Shown))
        {
            Console.Error.WriteLine($"rejected {one}");
        }

        var shown = rejected.Count > Shown ? $", the first {Shown} are shown" : "";
        Console.Error.WriteLine($"{Plural.Of(rejected.Count, "input was", "inputs were")} rejected{shown}; the full list is in {file}.");
        return ExitCode.Rejections;
    }

    // A command with several parts says it again only where there are more.
    private static void PrintDecodingWarnings()
    {
        if (DecodingWarnings.Count > _warned && DecodingWarnings.Describe() is { } warnings)
        {
            _warned = DecodingWarnings.Count;
            Console.Error.WriteLine(warnings);
        }
    }

    private static string DescribeStart(Recipe recipe) => recipe switch
    {
        { Weights: { } file } => $"weights from {file}",
        { Pretrained: TagPreprocessing.Auto } => "pretrained weights if available",
        { Pretrained: { } tag } => $"pretrained weights {tag}",
        _ => "random initialisation",
    };

    /// <summary>Returns whether the command line names the recipe, by <c>--model</c> or <c>--recipe</c>.</summary>
    public static bool IsRecipeGiven(ParseResult parsed) => parsed.GetResult(Model) is { Implicit: false } || parsed.GetValue(BaseRecipe) is not null;

    /// <summary>Returns the overrides of <c>--set</c> and of the options in its place, such as <c>--lr</c>.</summary>
    public static ImmutableArray<string> Settings(ParseResult parsed) => RecipeOptions.Overrides(parsed, parsed.GetValue(Set) ?? []);

    private static List<string> Overrides(ParseResult parsed, int? epochs, string[] more) =>
        [.. Settings(parsed), .. more, .. RecipeOverride.Optional("epochs", epochs), .. RunOverrides(parsed)];

    // --set model=NAME stands for --model NAME, as in sweep files.
    private static string? TakeModel(ParseResult parsed, string? named, List<string> set)
    {
        var given = parsed.GetResult(Model) is { Implicit: false } ? parsed.GetValue(Model) : null;
        foreach (var setting in set.Where(s => RecipeOverride.Parse(s) is { Path: [RecipeAliases.Model], Value: JsonValue }).ToList())
        {
            var name = RecipeOverride.Parse(setting).Value!.ToString();
            given = (given ?? name) == name ? name : throw new UsageException($"--model {given} and --set {setting} contradict each other; give only one.");
            set.Remove(setting);
        }

        return named ?? given;
    }
}

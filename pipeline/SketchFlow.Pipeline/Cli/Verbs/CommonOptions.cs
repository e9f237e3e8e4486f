using System.CommandLine;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Options that several verbs take, and what they mean.</summary>
internal static class CommonOptions
{
    public static Option<string> Model { get; } = new("--model")
    {
        Description = "A recipe, a family (baseline, resnet, resnext, regnety, convnext, vit, eva, eva02), a timm architecture, MODEL.TAG for timm's pretrained weights, or a recipe file.",
        DefaultValueFactory = _ => "convnext",
    };

    public static Option<string?> Data { get; } = new("--data") { Description = "Folder of the data set; by default the built-in doodles." };

    public static Option<string?> Device { get; } = new("--device") { Description = "auto, cpu or cuda; by default the recipe's." };

    public static Option<string?> Amp { get; } = new("--amp") { Description = "Mixed precision: auto, off, bf16 or fp16; by default the recipe's." };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "Override a value of the recipe: path.to.key=value; may be repeated.",
        DefaultValueFactory = _ => [],
    };

    public static Option<string[]> Track { get; } = new("--track")
    {
        Description = "Also track in MLflow: mlflow:DIR, http://HOST:PORT, or none; may be repeated. By default MLFLOW_TRACKING_URI, where it is set.",
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Artifacts { get; } = new("--artifacts") { Description = "Folder for all output; by default ./artifacts." };

    private static readonly JsonSerializerOptions Compact = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object as the last line." };

    /// <summary>Creates the context of a job that writes its log to standard output and its progress to standard error.</summary>
    public static JobContext Context(ComputeDevice device) => new(device, System.Console.WriteLine, Progress.Open);

    /// <summary>The recipe that the command line describes, the name that its runs carry, and its device.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="epochs">What <c>--epochs</c> says; null is the recipe's.</param>
    /// <param name="more">Further overrides, after those of <c>--set</c>.</param>
    public static (string Name, Recipe Recipe, ComputeDevice Device) Recipe(ParseResult parsed, int? epochs, params string[] more) =>
        RecipeNamed(parsed, null, epochs, System.Console.WriteLine, more);

    /// <summary>The same for another model than <c>--model</c> says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="named">The model; null is what <c>--model</c> says.</param>
    /// <param name="epochs">What <c>--epochs</c> says; null is the recipe's.</param>
    /// <param name="log">Takes how the model's name was understood.</param>
    /// <param name="more">Further overrides, after those of <c>--set</c>.</param>
    public static (string Name, Recipe Recipe, ComputeDevice Device) RecipeNamed(ParseResult parsed, string? named, int? epochs, Action<string> log, params string[] more)
    {
        var set = Overrides(parsed, epochs, more);
        var model = named ?? parsed.GetValue(Model)!;
        // The device decides what a family resolves to, and a recipe may name the device: ask with what is known so far.
        var asked = set.LastOrDefault(s => s.StartsWith("device=", StringComparison.Ordinal))?["device=".Length..].Trim('"') ?? "auto";
        var cuda = DeviceChoice.Resolve(asked).IsCuda;
        var pretrained = set.LastOrDefault(s => s.StartsWith("pretrained=", StringComparison.Ordinal))?["pretrained=".Length..].Trim('"');
        var (file, own, name, sentence) = ModelName.Resolve(model, cuda, pretrained is not (null or "" or "null" or "~"));
        if (pretrained == "default" && RecipeFile.Load(file, own).Pretrained is not (null or TagPreprocessing.Auto))
        {
            // The recipe or the name has a tag of its own already.
            set.RemoveAll(s => s.StartsWith("pretrained=", StringComparison.Ordinal));
        }

        log(sentence);
        var recipe = RecipeFile.Load(file, [.. own, .. set]);
        return (name, recipe, DeviceChoice.Resolve(recipe.Device));
    }

    /// <summary>The recipe that a run was begun with, under the same overrides.</summary>
    /// <inheritdoc cref="Recipe"/>
    public static (string Name, Recipe Recipe, ComputeDevice Device) RecipeOfRun(ParseResult parsed, RunFolder run, int? epochs, params string[] more)
    {
        var recipe = run.Read([.. Overrides(parsed, epochs, more)]);
        return (run.Name, recipe, DeviceChoice.Resolve(recipe.Device));
    }

    /// <summary>What <c>--device</c>, <c>--amp</c> and <c>--data</c> say over a run's own recipe.</summary>
    public static string[] OverridesOfDevice(ParseResult parsed) =>
    [
        .. parsed.GetValue(Device) is { } d ? [$"device={d}"] : Array.Empty<string>(),
        .. parsed.GetValue(Amp) is { } a ? [$"amp={a}"] : Array.Empty<string>(),
        .. parsed.GetValue(Data) is { } p ? [$"data.path={p}"] : Array.Empty<string>(),
    ];

    private static List<string> Overrides(ParseResult parsed, int? epochs, string[] more)
    {
        var set = new List<string>([.. parsed.GetValue(Set) ?? [], .. more]);
        void Add<T>(string key, T? value)
        {
            if (value is not null)
            {
                set.Add($"{key}={JsonSerializer.Serialize(value)}");
            }
        }

        Add("epochs", epochs);
        Add("device", parsed.GetValue(Device));
        Add("amp", parsed.GetValue(Amp));
        Add("data.path", parsed.GetValue(Data));
        return set;
    }

    /// <summary>An override of the recipe, as <c>--set</c> has it; none for null.</summary>
    public static string[] Setting(string key, string? value) => value is null ? [] : [$"{key}={JsonSerializer.Serialize(value)}"];

    /// <summary>A file's whole path, refused where it is not there.</summary>
    public static string? Existing(string? path, string option) => path is null || File.Exists(path) || Directory.Exists(path)
        ? path is null ? null : Path.GetFullPath(path)
        : throw new RefusalException($"There is no file {path}, which {option} names.");

    /// <summary>Prints <paramref name="value"/> as one line of JSON where <c>--json</c> asks for it.</summary>
    public static void PrintJson(ParseResult parsed, object value)
    {
        if (parsed.GetValue(Json))
        {
            System.Console.WriteLine(JsonSerializer.Serialize(value, Compact));
        }
    }

    /// <summary>Lists rejected inputs on standard error and in a file, and gives the exit code. Where there are none, a file that an earlier command left is removed.</summary>
    public static int ReportRejections(IReadOnlyCollection<Rejected> rejected, string file)
    {
        const int Shown = 10;
        if (rejected.Count == 0)
        {
            if (File.Exists(file))
            {
                File.Delete(file);
            }

            return ExitCode.Done;
        }

        CsvFile.Write(file, rejected.Select(r => new { id = r.Id, image_path = r.Path, reason = r.Reason }));
        foreach (var one in rejected.Take(Shown))
        {
            System.Console.Error.WriteLine($"rejected {one}");
        }

        System.Console.Error.WriteLine(
            $"{rejected.Count} input(s) were rejected{(rejected.Count > Shown ? $", of which {Shown} are shown" : "")}; all are listed in {file}.");
        return ExitCode.Rejections;
    }
}

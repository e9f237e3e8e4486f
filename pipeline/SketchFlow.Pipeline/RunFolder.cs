using System.Globalization;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline;

/// <summary>Where output goes, and how runs are found again.</summary>
/// <param name="Root">The folder <c>artifacts</c>.</param>
public sealed record Artifacts(string Root)
{
    /// <summary>Environment variable that names another folder than <c>./artifacts</c>.</summary>
    public const string Variable = "SKETCHFLOW_ARTIFACTS";

    /// <summary>The folder that <paramref name="given"/>, else the environment, else the working directory says.</summary>
    public static Artifacts At(string? given) => new(Path.GetFullPath(given ?? Environment.GetEnvironmentVariable(Variable) ?? "artifacts"));

    /// <summary>Training runs.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Logits tables.</summary>
    public string Logits => Path.Combine(Root, "logits");

    /// <summary>Submissions.</summary>
    public string Submissions => Path.Combine(Root, "submissions");

    /// <summary>Pictures and pages for people.</summary>
    public string Reports => Path.Combine(Root, "reports");

    /// <summary>Built-in data.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>Measurements.</summary>
    public string Bench => Path.Combine(Root, "bench");

    /// <summary>The run of that name.</summary>
    public RunFolder Run(string name) => new(Path.Combine(Runs, name));

    /// <summary>Runs that have weights, newest first.</summary>
    public IReadOnlyList<RunFolder> AllRuns() => !Directory.Exists(Runs)
        ? []
        : [.. Directory.EnumerateDirectories(Runs).Select(d => new RunFolder(d)).Where(r => File.Exists(r.Recipe) && File.Exists(r.Best))
            .OrderByDescending(r => File.GetLastWriteTimeUtc(r.Recipe)).ThenBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>A name that no run has yet: <c>model-dataset-1</c>, <c>-2</c>, …</summary>
    public string FreshName(string model, string dataSet) => Enumerable.Range(1, int.MaxValue)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"{model}-{dataSet}-{i}")).First(name => !Directory.Exists(Path.Combine(Runs, name)));
}

/// <summary>One run's files.</summary>
/// <param name="Folder">Its folder, <c>artifacts/runs/NAME</c>.</param>
public sealed record RunFolder(string Folder)
{
    /// <summary>The run's name.</summary>
    public string Name => Path.GetFileName(Folder);

    /// <summary>The recipe, everything resolved.</summary>
    public string Recipe => Path.Combine(Folder, "recipe.yaml");

    /// <summary>One row an epoch.</summary>
    public string Metrics => Path.Combine(Folder, "metrics.csv");

    /// <summary>Loss and accuracy, drawn.</summary>
    public string Curves => Path.Combine(Folder, "curves.png");

    /// <summary>Weights of the best epoch on validation.</summary>
    public string Best => Path.Combine(Folder, "best.safetensors");

    /// <summary>Weights of the last epoch.</summary>
    public string Last => Path.Combine(Folder, "last.safetensors");

    /// <summary>What training read but could not use.</summary>
    public string Rejections => Path.Combine(Folder, "rejected.csv");

    /// <summary>Reads the recipe back.</summary>
    /// <exception cref="RefusalException">There is no such run.</exception>
    /// <param name="overrides">Each <c>path.to.key=value</c>.</param>
    public Recipe Read(params string[] overrides) => File.Exists(Recipe)
        ? RecipeFile.Load(Recipe, overrides)
        : throw new RefusalException($"There is no run {Name} at {Folder}; train one, or name one of those in {Path.GetDirectoryName(Folder)}.");
}

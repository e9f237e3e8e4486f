using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

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

    /// <summary>What predicting a split read but could not use.</summary>
    /// <param name="dataSet">The data set's name.</param>
    /// <param name="split"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    public string Rejections(string dataSet, string split) => Path.Combine(Logits, dataSet, split, "rejected.csv");

    /// <summary>Submissions.</summary>
    public string Submissions => Path.Combine(Root, "submissions");

    /// <summary>Pictures and pages for people.</summary>
    public string Reports => Path.Combine(Root, "reports");

    /// <summary>Built-in data.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>Measurements.</summary>
    public string Bench => Path.Combine(Root, "bench");

    /// <summary>The run of that name.</summary>
    /// <exception cref="UsageException">The name is none for a folder.</exception>
    public RunFolder Run(string name) => new(Path.Combine(Runs, Name(name, "--run")));

    /// <summary>A name that becomes a file's or a folder's, as it is.</summary>
    /// <param name="name">What was given.</param>
    /// <param name="option">What gave it.</param>
    /// <exception cref="UsageException">It is empty, a path, or <c>.</c> or <c>..</c>.</exception>
    public static string Name(string name, string option) => name is "" or "." or ".." || name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0
        ? throw new UsageException($"{option} is '{name}', which is no file name; give one without slashes.")
        : name;

    /// <summary>Runs that have weights, newest first.</summary>
    public IReadOnlyList<RunFolder> AllRuns() => !Directory.Exists(Runs)
        ? []
        : [.. Directory.EnumerateDirectories(Runs).Select(d => new RunFolder(d)).Where(r => File.Exists(r.Recipe) && r.Trained.Count > 0)
            .OrderByDescending(r => File.GetLastWriteTimeUtc(r.Recipe)).ThenBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>A name that no run has yet: <c>model-dataset-1</c>, <c>-2</c>, …</summary>
    public string FreshName(string model, string dataSet) => Enumerable.Range(1, int.MaxValue)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"{model}-{dataSet}-{i}")).First(name => !Directory.Exists(Path.Combine(Runs, name)));
}

using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The folder of all output, with the paths inside it.</summary>
/// <param name="Root">The folder <c>artifacts</c>.</param>
public sealed record Artifacts(string Root)
{
    /// <summary>Name of the environment variable that overrides <c>./artifacts</c>.</summary>
    public const string Variable = "SKETCHFLOW_ARTIFACTS";

    /// <summary>Folder next to the runs that holds their lock files.</summary>
    internal const string LocksFolder = ".locks";

    /// <summary>Folder next to the runs that holds runs which are being replaced; see <see cref="Replacing.Replacement"/>.</summary>
    internal const string ReplacedFolder = ".replaced";

    /// <summary>Folder next to the runs that holds replaced runs while they are deleted.</summary>
    internal const string DeletedFolder = ".deleted";

    /// <summary>Selects the folder: <paramref name="given"/>, else the one in the environment, else <c>./artifacts</c>.</summary>
    public static Artifacts At(string? given) => new(Path.GetFullPath(given ?? Environment.GetEnvironmentVariable(Variable) ?? "artifacts"));

    /// <summary>Folder of the training runs.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Folder of the logits tables.</summary>
    public string Logits => Path.Combine(Root, "logits");

    /// <summary>Gets the file that lists the images of a split that prediction rejected.</summary>
    /// <param name="dataSet">The data set's name.</param>
    /// <param name="split"><c>train</c>, <c>val</c> or <c>test</c>.</param>
    public string Rejections(string dataSet, string split) => Path.Combine(Logits, dataSet, split, "rejected.csv");

    /// <summary>Folder of the submissions.</summary>
    public string Submissions => Path.Combine(Root, "submissions");

    /// <summary>Gets the file of a submission.</summary>
    /// <param name="dataSet">The data set's name.</param>
    /// <param name="name">Name of the run, with its test-time augmentation, or of the ensemble.</param>
    public string Submission(string dataSet, string name) => Path.Combine(Submissions, dataSet, $"{name}.csv");

    /// <summary>Folder of plots and HTML pages.</summary>
    public string Reports => Path.Combine(Root, "reports");

    /// <summary>Folder of built-in data.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>Folder of measured speeds of engines.</summary>
    public string Engines => Path.Combine(Root, "engines");

    /// <summary>Folder of exported models.</summary>
    public string Exports => Path.Combine(Root, "exports");

    /// <summary>Folder of benchmark results.</summary>
    public string Bench => Path.Combine(Root, "bench");

    /// <summary>Deletes the temporary files of processes that were killed. The images of data sets are not searched: there are too many.</summary>
    public void DeleteDeadTemporaries()
    {
        string[] folders = [Runs, Logits, Submissions, Reports, Bench, Engines, Exports, Path.Combine(Root, "ensembles"), Path.Combine(Root, "sweeps")];
        foreach (var folder in folders)
        {
            DeadTemporaries.Delete(folder);
        }

        DeadTemporaries.Delete(Data, below: false);
        DeadTemporaries.DeleteFolders();
    }

    /// <summary>Gets the run of that name.</summary>
    /// <exception cref="UsageException">The name is not a valid folder name.</exception>
    public RunFolder Run(string name) => new(Path.Combine(Runs, CheckName(name, "--run")));

    /// <summary>Checks a name that will be used as a file or folder name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="option">The option that gave the name, for the message.</param>
    /// <exception cref="UsageException">
    /// The name is empty, a path, <c>.</c>, <c>..</c>, or the name of a folder that holds no run, or it has a control character such as a line break.
    /// </exception>
    public static string CheckName(string name, string option) =>
        name is "" or "." or ".." or LocksFolder or ReplacedFolder or DeletedFolder || name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0
            ? throw new UsageException($"{option}: '{Printable(name)}' is not a valid file name; give a name without slashes.")
        : name.Any(IsControl)
            ? throw new UsageException($"{option}: '{Printable(name)}' has a line break or another control character; give a name without it.")
        : name;

    /// <summary>Checks the name of a new run: a file name other than <c>all</c>, which stands for every run.</summary>
    /// <param name="name">The name.</param>
    /// <param name="option">The option that gave the name, for the message.</param>
    /// <exception cref="UsageException">The name is not valid.</exception>
    public static string CheckNewRun(string name, string option) => string.Equals(CheckName(name, option), "all", StringComparison.OrdinalIgnoreCase)
        ? throw new UsageException($"{option}: '{name}' stands for every run in other commands; give another name.")
        : name;

    private static bool IsControl(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    private static string Printable(string name) => string.Concat(name.Select(c => IsControl(c) ? '\uFFFD' : c));

    /// <summary>Lists the runs that have weights, newest first.</summary>
    public IReadOnlyList<RunFolder> AllRuns() => !Directory.Exists(Runs)
        ? []
        : [.. Directory.EnumerateDirectories(Runs).Select(d => new RunFolder(d)).Where(r => File.Exists(r.Recipe) && r.Trained.Count > 0)
            .OrderByDescending(r => File.GetLastWriteTimeUtc(r.Recipe)).ThenBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>Creates a name that no run has yet, not even one that another process starts: <c>model-dataset-1</c>, <c>-2</c>, …</summary>
    public string NewName(string model, string dataSet) => Enumerable.Range(1, int.MaxValue)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"{model}-{dataSet}-{i}"))
        .First(name => !Directory.Exists(Path.Combine(Runs, name)) && !RunLock.IsHeld(new RunFolder(Path.Combine(Runs, name))));
}

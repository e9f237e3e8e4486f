using System.Text.RegularExpressions;
using SketchFlow.Data.Files.Parquet;

namespace SketchFlow.Pipeline.Runs.Replacing;

/// <summary>Finds the files that prediction made from a run: logits tables, tables of views, and submissions.</summary>
/// <param name="artifacts">The folder of all output.</param>
/// <param name="run">The run, or one of its folds; the results of a fold include the submission of the run, which is the mean of all folds.</param>
public sealed partial class RunResults(Artifacts artifacts, RunFolder run)
{
    /// <summary>Lists the files with their full paths, in order.</summary>
    public IReadOnlyList<string> Find() => [.. Tables().Concat(Views()).Concat(Submissions()).Order(StringComparer.Ordinal)];

    private IEnumerable<string> Tables() =>
        SplitFolders().SelectMany(s => Files(s, "*.parquet")).Where(f => IsOwn(Path.GetFileNameWithoutExtension(f)) && IsTableOfRun(f));

    private IEnumerable<string> Views() => SplitFolders().SelectMany(s => Folders(Path.Combine(s, "views")))
        .Where(f => IsOwn(Path.GetFileName(f))).SelectMany(f => Files(f, "*.parquet"));

    private IEnumerable<string> Submissions() => Folders(artifacts.Submissions).Prepend(artifacts.Submissions).SelectMany(f => Files(f, "*.csv"))
        .Where(f => IsSubmission(Path.GetFileNameWithoutExtension(f)));

    private IEnumerable<string> SplitFolders() => Folders(artifacts.Logits).SelectMany(Folders);

    // A table of the run is named RUN[.fold-K][+tta], one of the fold RUN.fold-K[+tta].
    private bool IsOwn(string name)
    {
        var part = Rest(name) is { } rest ? WithTta().Replace(rest, "") : null;
        return run.Fold is { } fold ? part == FormattableString.Invariant($".fold-{fold}") : part is not null && FoldPart().Replace(part, "") == "";
    }

    // The submission of a run has no fold.
    private bool IsSubmission(string name) => Rest(name) is { } rest && WithTta().Replace(rest, "") == "" && !IsEnsemble(name);

    private string? Rest(string name) => name.StartsWith(run.Run, StringComparison.Ordinal) && !IsClaimed(name) ? name[run.Run.Length..] : null;

    // A run may be called "a+b" or "a.fold-1": then files of that name are its own.
    private bool IsClaimed(string name)
    {
        for (var length = name.Length; length > run.Run.Length; length--)
        {
            if ((length == name.Length || name[length] == '+' || name.AsSpan(length).StartsWith(".fold-"))
                && Directory.Exists(Path.Combine(artifacts.Runs, name[..length])))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsEnsemble(string name) => File.Exists(Path.Combine(artifacts.Root, "ensembles", $"{name}.yaml"));

    // The metadata tells the run even where the folder of the other run is gone. A damaged table is judged by its name.
    private bool IsTableOfRun(string file)
    {
        try
        {
            using var table = ParquetFile.Open(file);
            return !table.Metadata.TryGetValue("run", out var name) || name == run.Run;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return true;
        }
    }

    private static IEnumerable<string> Folders(string folder) => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [];

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern) : [];

    [GeneratedRegex(@"^\.fold-[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex FoldPart();

    [GeneratedRegex(@"\+.*$", RegexOptions.None, 1000)]
    private static partial Regex WithTta();
}

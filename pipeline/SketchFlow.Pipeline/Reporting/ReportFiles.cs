using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>The places of pages below <c>artifacts/reports</c>, and the links between them.</summary>
internal static class ReportFiles
{
    /// <summary>File name of a page that stands for its folder.</summary>
    public const string PageName = "index.html";

    private const string RunsFolder = "runs";

    // Pages are at most this deep; a folder of other programs is not searched to its end.
    private const int MostDepth = 4;

    /// <summary>Gets the page of all experiments.</summary>
    public static string Index(Artifacts artifacts) => Path.Combine(artifacts.Reports, PageName);

    /// <summary>Gets the page of a run.</summary>
    public static string Run(Artifacts artifacts, string run) => Path.Combine(artifacts.Reports, RunsFolder, run, PageName);

    /// <summary>Gets the folder of the maps that <c>explain</c> writes for a run or fold.</summary>
    public static string Explained(Artifacts artifacts, RunFolder run) => Path.Combine(artifacts.Reports, "explain", run.Name);

    /// <summary>Lists the pages that other verbs have written, newest first.</summary>
    public static IReadOnlyList<FileInfo> Others(Artifacts artifacts)
    {
        if (!Directory.Exists(artifacts.Reports))
        {
            return [];
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MostDepth,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        var runs = Path.Combine(artifacts.Reports, RunsFolder) + Path.DirectorySeparatorChar;
        return
        [
            .. new DirectoryInfo(artifacts.Reports).EnumerateFiles("*.html", options)
                .Where(f => f.FullName != Index(artifacts) && !f.FullName.StartsWith(runs, StringComparison.Ordinal))
                .OrderByDescending(f => f.LastWriteTimeUtc).ThenBy(f => f.FullName, StringComparer.Ordinal),
        ];
    }

    /// <summary>Returns the address of a page as another one links to it.</summary>
    /// <param name="from">The page with the link.</param>
    /// <param name="to">The page that it leads to.</param>
    public static string Link(string from, string to) => string.Join(
        '/', Path.GetRelativePath(Path.GetDirectoryName(from)!, to).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}

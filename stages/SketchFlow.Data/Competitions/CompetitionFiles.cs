using System.Text.RegularExpressions;

namespace SketchFlow.Data.Competitions;

/// <summary>Finds the tables and image folders of a competition by the names that are usual.</summary>
internal static partial class CompetitionFiles
{
    private static readonly string[] _trainTables = ["train", "trainlabels", "labels", "traindf", "traininglabels", "training", "trainset", "trainmetadata"];
    private static readonly string[] _testTables = ["test", "testdf", "testset", "testids", "testimages", "testmetadata"];
    private static readonly string[] _trainFolders =
        ["train", "trainimages", "trainimage", "trainimgs", "trainimg", "training", "trainingimages", "imagestrain"];
    private static readonly string[] _testFolders =
        ["test", "testimages", "testimage", "testimgs", "testimg", "testing", "testingimages", "imagestest"];
    private static readonly string[] _sharedFolders = ["images", "image", "imgs", "img", "pictures", "photos", "allimages"];

    /// <summary>Lists the tables that may hold the training images, the most usual name first.</summary>
    public static IReadOnlyList<string> TrainTables(string root) => Tables(root, _trainTables);

    /// <summary>Lists the tables that may hold the test images, the most usual name first.</summary>
    public static IReadOnlyList<string> TestTables(string root) => Tables(root, _testTables);

    /// <summary>Finds the sample submission: of several the one with the highest number.</summary>
    public static string? FindSample(string root) => Tables(root)
        .Select(f => (File: f, Match: SampleName().Match(ColumnNames.Plain(Path.GetFileNameWithoutExtension(f))))).Where(f => f.Match.Success)
        .OrderByDescending(f => int.TryParse(f.Match.Groups["number"].Value, out var number) ? number : 0).ThenBy(f => f.File, StringComparer.Ordinal)
        .Select(f => f.File).FirstOrDefault();

    /// <summary>Returns true for the name of a folder that holds images of a split, or of both, rather than those of a class.</summary>
    public static bool IsImageFolder(string name) => ColumnNames.Plain(name) is var plain
        && (_trainFolders.Contains(plain) || _testFolders.Contains(plain) || _sharedFolders.Contains(plain));

    /// <summary>Lists the folders that may hold the images of a split, from the data set's folder, the most likely first.</summary>
    /// <param name="root">Folder of the data set.</param>
    /// <param name="isTrain">Whether the training images are wanted, or those of the test.</param>
    public static IReadOnlyList<string> ImageFolders(string root, bool isTrain)
    {
        var own = isTrain ? _trainFolders : _testFolders;
        var folders = new List<string>();
        foreach (var folder in Folders(root, "", own))
        {
            folders.Add(folder);
            folders.AddRange(Folders(root, folder, [.. own, .. _sharedFolders]));
        }

        foreach (var shared in Folders(root, "", _sharedFolders))
        {
            folders.AddRange(Folders(root, shared, own));
            folders.Add(shared);
        }

        return folders;
    }

    /// <summary>Returns true for a folder within <see cref="ImageFolders"/> that belongs to the other split.</summary>
    public static bool IsOtherSplit(string name, bool isTrain) => (isTrain ? _testFolders : _trainFolders).Contains(ColumnNames.Plain(name));

    private static IEnumerable<string> Folders(string root, string parent, string[] names)
    {
        var found = Directory.EnumerateDirectories(Path.Combine(root, parent)).Select(f => Path.GetFileName(f)!)
            .Select(name => (Name: name, Rank: Array.IndexOf(names, ColumnNames.Plain(name)))).Where(f => f.Rank >= 0);
        return found.OrderBy(f => f.Rank).ThenBy(f => f.Name, StringComparer.Ordinal).Select(f => parent.Length == 0 ? f.Name : $"{parent}/{f.Name}");
    }

    private static IReadOnlyList<string> Tables(string root, string[] names) =>
    [
        .. Tables(root).Select(f => (File: f, Rank: Array.IndexOf(names, ColumnNames.Plain(Path.GetFileNameWithoutExtension(f))))).Where(f => f.Rank >= 0)
            .OrderBy(f => f.Rank).ThenBy(f => f.File, StringComparer.Ordinal).Select(f => f.File),
    ];

    private static IEnumerable<string> Tables(string root) =>
        Directory.EnumerateFiles(root).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".csv" or ".tsv" && !Path.GetFileName(f).StartsWith('.'));

    [GeneratedRegex(
        "^(?:sample|example)sub(?:mission)?s?(?:stage|version|v)?(?<number>[0-9]{0,4})$|^submission(?:format|sample|template|example)$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SampleName();
}

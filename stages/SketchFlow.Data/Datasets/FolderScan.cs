namespace SketchFlow.Data.Datasets;

/// <summary>Lists the files of folders and of their subfolders. What it leaves out is counted, and folders that cannot be read are named.</summary>
/// <remarks>
/// Links to folders are followed, each once for one listed folder and never to a folder above it, so that links cannot make a listing endless.
/// </remarks>
/// <param name="root">Folder of the data set, from which paths are named.</param>
/// <param name="notUsed">Receives what is left out.</param>
internal sealed class FolderScan(string root, NotUsed notUsed)
{
    public static readonly (string One, string Many) EmptyFolder = ("folder without images", "folders without images");
    public static readonly (string One, string Many) OtherFile = ("file that is no image", "files that are no images");
    public static readonly (string One, string Many) OtherEntry = ("other entry", "other entries");
    public static readonly (string One, string Many) Unlabelled = ("image outside class folders", "images outside class folders");
    public static readonly (string One, string Many) Unlisted = ("image that no table names", "images that no table names");
    private static readonly (string One, string Many) Output = ("output folder", "output folders");
    private static readonly (string One, string Many) Hidden = ("hidden entry", "hidden entries");
    private static readonly (string One, string Many) Unreadable = ("file that cannot be read", "files that cannot be read");
    private static readonly (string One, string Many) Link = ("link to a folder listed before", "links to folders listed before");

    private const int MaxDepth = 50;

    /// <summary>Folder in which the images of Parquet shards are unpacked.</summary>
    internal const string PackFolder = ".sketchflow";

    /// <summary>Lists the entries of a folder, sorted by name, without hidden ones.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fault">Reason why the folder could not be listed to its end; null if it was.</param>
    public List<FileSystemInfo> Entries(string folder, out string? fault)
    {
        var entries = new List<FileSystemInfo>();
        fault = null;
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                if (DataSetReader.IsHidden(entry.Name))
                {
                    LeaveOutHidden(entry);
                }
                else if (entry is DirectoryInfo && IsOutput(entry.FullName))
                {
                    notUsed.Add(Output, Relative(entry.FullName));
                }
                else
                {
                    entries.Add(entry);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = FaultOf(folder, "folder", e);
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return entries;
    }

    private void LeaveOutHidden(FileSystemInfo entry)
    {
        if (entry.Name != PackFolder)
        {
            notUsed.Add(Hidden, Relative(entry.FullName));
        }
    }

    // The output may be below the data, as after sketchflow train --data . and its plots are no images of a class.
    private static bool IsOutput(string folder) => File.Exists(Path.Combine(folder, "datasets.json"))
        || (Directory.Exists(Path.Combine(folder, "runs")) && Directory.Exists(Path.Combine(folder, "logits")));

    /// <summary>Lists the images in a folder and in its subfolders, sorted by path. The bytes decide where a name does not tell.</summary>
    public List<FoundImage> Images(string folder)
    {
        var found = new List<FoundImage>();
        Walk(folder, [], 0, found.Add, file => found.AddRange(FindImage(file) is { } image ? [image] : []));
        found.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return found;
    }

    /// <summary>Lists all files in a folder and in its subfolders, sorted by path; none is opened.</summary>
    public List<string> Files(string folder)
    {
        var files = new List<string>();
        Walk(folder, [], 0, unreadable => notUsed.Add(Unreadable, Relative(unreadable.File)), file => files.Add(file.FullName));
        files.Sort(string.CompareOrdinal);
        return files;
    }

    /// <summary>Counts an entry that is left out.</summary>
    public void LeaveOut((string One, string Many) kind, string path) => notUsed.Add(kind, Relative(path));

    /// <summary>Returns true for a file with the name or the first bytes of an image; a file that cannot be read is counted.</summary>
    private bool IsImage(FileSystemInfo file)
    {
        try
        {
            return DataSetReader.IsImageFile(file.Name) || ImageSignature.IsImage(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notUsed.Add(Unreadable, Relative(file.FullName));
            return false;
        }
    }

    /// <summary>Returns a path from the data set's folder, with slashes.</summary>
    public string Relative(string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    /// <summary>Finds an image; any other file is counted.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The image, with a fault if its name cannot be used; null for another file.</returns>
    public FoundImage? FindImage(FileSystemInfo file)
    {
        if (IsImage(file))
        {
            return new FoundImage(file.FullName, IsUndecodable(file.FullName) ? NameFault("file") : null);
        }

        notUsed.Add(OtherFile, Relative(file.FullName));
        return null;
    }

    private void Walk(string folder, HashSet<string> linked, int depth, Action<FoundImage> unreadable, Action<FileSystemInfo> visit)
    {
        var entries = Entries(folder, out var fault);
        if (fault is not null)
        {
            unreadable(new FoundImage(folder, fault));
        }

        foreach (var entry in entries)
        {
            if (entry is not DirectoryInfo)
            {
                visit(entry);
            }
            else if (depth < MaxDepth && CanEnter(entry, linked))
            {
                Walk(entry.FullName, linked, depth + 1, unreadable, visit);
            }
            else
            {
                notUsed.Add(Link, Relative(entry.FullName));
            }
        }
    }

    private static bool CanEnter(FileSystemInfo folder, HashSet<string> linked)
    {
        try
        {
            if (folder.LinkTarget is null)
            {
                return true;
            }

            // A link in a linked folder is resolved from the place that it was reached by, so that the names alone show a circle.
            var target = Path.TrimEndingDirectorySeparator(folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName);
            return !folder.FullName.StartsWith(target == "/" ? target : target + Path.DirectorySeparatorChar, StringComparison.Ordinal) && linked.Add(target);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string FaultOf(string path, string what, Exception e) =>
        IsUndecodable(path) ? NameFault(what)
        : e is UnauthorizedAccessException ? $"the {what} must not be read (no permission)"
        : $"the {what} cannot be read";

    private static string NameFault(string what) => $"the name of the {what} is not UTF-8; rename it";

    // .NET replaces bytes that are not UTF-8, and finds no file under the result.
    private static bool IsUndecodable(string path) => path.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(path);
}

using System.IO.Enumeration;

namespace SketchFlow.Data.Competitions;

/// <summary>
/// Finds the images that a table names by path, by file name or by an id without extension, in the folders where competitions keep the images of a split, and
/// never outside of them.
/// </summary>
/// <param name="root">Folder of the data set.</param>
/// <param name="isTrain">Whether the training images are wanted, or those of the test.</param>
/// <param name="isImage">Returns true for the name of an image file.</param>
internal sealed class ImageFinder(string root, bool isTrain, Func<string, bool> isImage)
{
    private const int MaxDepth = 50;

    // The data set's folder itself comes last, for paths such as train_images/1.png and for images next to the table.
    private readonly CompetitionPaths[] _paths = [.. CompetitionFiles.ImageFolders(root, isTrain).Append("").Select(f => new CompetitionPaths(root, f))];

    private Dictionary<string, string?>? _names;

    /// <summary>Folders that are searched, from the data set's folder; without that folder itself.</summary>
    public IReadOnlyList<string> Folders { get; } = CompetitionFiles.ImageFolders(root, isTrain);

    /// <summary>Names the folders for a message.</summary>
    public string FolderNames => Folders.Count == 0 ? "the data set's folder" : string.Join(", ", Folders.Take(3).Select(f => f + "/"));

    /// <summary>Finds an image.</summary>
    /// <param name="value">Path, file name or id as the table writes it.</param>
    /// <param name="path">The same with the missing parts.</param>
    /// <param name="file">Path on this machine; empty for an image with a fault.</param>
    /// <returns>Reason why there is no such image; null for a good one.</returns>
    public string? Find(string value, out string path, out string file)
    {
        (path, file) = (value, "");
        string? first = null;
        foreach (var folder in _paths)
        {
            var fault = folder.Find(value, out file);
            first ??= fault;
            if (fault is null && File.Exists(file))
            {
                return null;
            }
        }

        file = "";
        if (first is not null)
        {
            return first;
        }

        _names ??= ListImages();
        var name = value.Replace('\\', '/');
        if (!_names.TryGetValue(name, out var found) && !(isImage(name) && _names.TryGetValue(Path.ChangeExtension(name, null), out found)))
        {
            return $"there is no image \"{value}\" in {FolderNames}";
        }

        if (found is null)
        {
            return $"several images are called \"{value}\"; give the path and the extension";
        }

        (path, file) = (Path.GetRelativePath(root, found).Replace('\\', '/'), found);
        if (Folders.FirstOrDefault(f => found.StartsWith(Path.Combine(root, f) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) is { } within)
        {
            path = path[(within.Length + 1)..];
        }

        return null;
    }

    /// <summary>Counts how many of a few values, taken from all over a column, name an image.</summary>
    /// <param name="values">Values of the column.</param>
    /// <returns>The files that were found, in order, and the number of values that were tried.</returns>
    public (List<string> Files, int Tried) Probe(IReadOnlyList<string> values)
    {
        const int Most = 40;
        var step = Math.Max(1, values.Count / Most);
        string[] tried = [.. Enumerable.Range(0, values.Count).Where(i => i % step == 0).Take(Most).Select(i => values[i]).Where(v => v.Length > 0)];
        return ([.. tried.Select(v => Find(v, out _, out var file) is null ? file : "").Where(f => f.Length > 0)], tried.Length);
    }

    /// <summary>Lists the images by path without extension, by file name and by file name without extension; null for a name of several.</summary>
    private Dictionary<string, string?> ListImages()
    {
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in Folders)
        {
            var full = Path.Combine(root, folder);
            foreach (var file in Files(full).Where(listed.Add))
            {
                var relative = Path.GetRelativePath(full, file).Replace('\\', '/');
                string[] keys = [Path.ChangeExtension(relative, null), Path.GetFileName(relative), Path.GetFileNameWithoutExtension(relative)];
                foreach (var key in keys.Distinct(StringComparer.Ordinal))
                {
                    names[key] = names.TryGetValue(key, out var other) && other != file ? null : file;
                }
            }
        }

        foreach (var file in Directory.EnumerateFiles(root).Where(f => isImage(Path.GetFileName(f))))
        {
            var key = Path.GetFileNameWithoutExtension(file);
            names.TryAdd(key, file);
        }

        return names;
    }

    private FileSystemEnumerable<string> Files(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MaxDepth,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.None,
        })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && isImage(entry.FileName.ToString()),
        // Links to folders could make the listing endless.
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint)
            && !entry.FileName.StartsWith(".") && !CompetitionFiles.IsOtherSplit(entry.FileName.ToString(), isTrain),
    };
}

namespace SketchFlow.Data.Datasets;

/// <summary>Names that data sets give to the folders and shards of their splits.</summary>
internal static class SplitFolders
{
    private static readonly Dictionary<string, string> _splits = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = DataSetReader.Train,
        ["training"] = DataSetReader.Train,
        ["val"] = DataSetReader.Validation,
        ["valid"] = DataSetReader.Validation,
        ["validation"] = DataSetReader.Validation,
        ["dev"] = DataSetReader.Validation,
        ["test"] = DataSetReader.Test,
        ["testing"] = DataSetReader.Test,
    };

    /// <summary>Finds the folders of a split: the one of its usual name first.</summary>
    /// <param name="root">Folder of the data set.</param>
    /// <param name="split">The split, by its usual name.</param>
    /// <returns>Paths; none where the data set has no such folder or cannot be listed.</returns>
    public static IReadOnlyList<string> Find(string root, string split) =>
    [
        .. Directory.EnumerateDirectories(root).Where(f => SplitOf(Path.GetFileName(f)) == split)
            .OrderBy(f => Path.GetFileName(f) != split).ThenBy(f => f, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Finds the split that a path names as a whole word between <c>/</c>, <c>-</c>, <c>_</c> and <c>.</c>; the part nearest to the end counts.
    /// </summary>
    /// <param name="path">Path of a shard from the data set's folder, with slashes.</param>
    /// <returns>The split by its usual name; null where none is named.</returns>
    public static string? InPath(string path) => path.Split('/').Reverse()
        .Select(part => part.Split('-', '_', '.', ' ').Select(SplitOf).FirstOrDefault(s => s is not null)).FirstOrDefault(s => s is not null);

    private static string? SplitOf(string name) => _splits.GetValueOrDefault(name);
}

using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads the rows of data sets. The layout is recognised from the folder's contents.</summary>
public static class DataSetReader
{
    internal const string Train = "train";
    internal const string Validation = "val";
    internal const string Test = "test";

    /// <summary>A larger target is a typing error, not a class; the table of class names would exhaust the memory.</summary>
    internal const int MaxClasses = 100_000;

    private static readonly string[] _imageExtensions = [".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"];

    /// <summary>Reads the tables or lists the folders of a data set. No image is opened.</summary>
    /// <exception cref="RefusalException">
    /// There is no such folder, its layout is unknown, a table or column is missing or occurs twice, or there is nothing in it.
    /// </exception>
    public static DataSet Read(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root))
        {
            throw new RefusalException(
                File.Exists(root)
                    ? $"{root} is a file, expected the folder of a data set; give the folder that holds train.csv or train/."
                    : $"There is no folder {root}; give the folder that holds train.csv or train/.");
        }

        return FindLayout(root) switch
        {
            DataSetLayout.Competition => CompetitionLayout.Read(root),
            DataSetLayout.Folders => FoldersLayout.Read(root),
            _ => ParquetLayout.Read(root),
        };
    }

    /// <summary>
    /// Returns true for the name of an image in a format that is read here. Hidden files do not count: macOS adds files such as <c>._name.jpg</c>.
    /// </summary>
    /// <param name="name">Name of a file, without folders.</param>
    public static bool IsImageFile(string name) => !IsHidden(name) && _imageExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns true for names such as <c>.thumbnails</c>, which tools leave behind.</summary>
    internal static bool IsHidden(string name) => name.StartsWith('.');

    /// <summary>Lists the first entries of a folder, for a message.</summary>
    internal static string Entries(string folder)
    {
        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos()
            .Select(e => e is DirectoryInfo ? e.Name + "/" : e.Name)
            .Order(StringComparer.Ordinal).Take(6).ToArray();
        return entries.Length switch
        {
            0 => "nothing",
            6 => string.Join(", ", entries[..5]) + ", …",
            _ => string.Join(", ", entries),
        };
    }

    /// <summary>Names a data set after its folder.</summary>
    internal static string NameOf(string root) => Path.GetFileName(root) is { Length: > 0 } name ? name : "data";

    private static DataSetLayout FindLayout(string root)
    {
        if (File.Exists(Path.Combine(root, "train.csv")) || File.Exists(Path.Combine(root, "test.csv")))
        {
            return DataSetLayout.Competition;
        }

        var hasSplits = Directory.Exists(Path.Combine(root, Train));
        if (hasSplits && FoldersLayout.ClassFolders(Path.Combine(root, Train)).Count > 0)
        {
            return DataSetLayout.Folders;
        }

        if (ParquetLayout.Shards(root).Any())
        {
            return DataSetLayout.Parquet;
        }

        if (!hasSplits && FoldersLayout.ClassFolders(root).Count > 0)
        {
            return DataSetLayout.Folders;
        }

        throw new RefusalException(
            $"{root} holds {Entries(root)}, but a data set is train.csv with train/ (columns {string.Join(", ", CompetitionLayout.TrainColumns)}), " +
            "or a folder of images per class in train/<class>/ or <class>/; bring it into one of these layouts.");
    }
}

using SketchFlow.Data.Competitions;
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

    private static readonly string[] _imageExtensions =
    [
        ".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".jfif", ".jpe", ".jif", ".pjpeg", ".pjp", ".dib", ".apng",
    ];

    private static readonly string[] _leftBehind = ["@eaDir", "__MACOSX", "$RECYCLE.BIN", "#recycle", "lost+found", "System Volume Information"];

    /// <summary>Reads the tables or lists the folders of a data set. No image is opened, except files whose names do not tell what they are.</summary>
    /// <param name="folder">Folder of the data set.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="RefusalException">
    /// There is no such folder, its layout is unknown, a table or column is missing or occurs twice, or there is nothing in it.
    /// </exception>
    public static DataSet Read(string folder, DataSetOptions? options = null)
    {
        options ??= new DataSetOptions();
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root))
        {
            throw new RefusalException(
                File.Exists(root)
                    ? $"{root} is a file, expected the folder of a data set; give the folder that holds train.csv or train/."
                    : $"There is no folder {root}; give the folder that holds train.csv or train/.");
        }

        try
        {
            var data = FindLayout(root, options) switch
            {
                DataSetLayout.Competition => CompetitionLayout.HasUsualColumns(root) && options is { ImageColumn: null, LabelColumn: null }
                    ? CompetitionLayout.Read(root, options)
                    : TablesLayout.Read(root, options),
                DataSetLayout.Folders => FoldersLayout.Read(root),
                _ => ParquetLayout.Read(root, options),
            };
            return Submissions.AddFormat(data, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var cause = e is UnauthorizedAccessException ? "no permission" : e.Message.Split('\n')[0].TrimEnd('.', '\r');
            throw new RefusalException($"{root} cannot be read ({cause}); make it readable.", e);
        }
    }

    /// <summary>
    /// Returns true for the name of an image in a format that is read here. Hidden files do not count: macOS adds files such as <c>._name.jpg</c>.
    /// </summary>
    /// <param name="name">Name of a file, without folders.</param>
    public static bool IsImageFile(string name) => !IsHidden(name) && _imageExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns true for names such as <c>.thumbnails</c> or <c>@eaDir</c>, which tools leave behind.</summary>
    internal static bool IsHidden(string name) => name.StartsWith('.') || _leftBehind.Contains(name, StringComparer.OrdinalIgnoreCase);

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

    private static DataSetLayout FindLayout(string root, DataSetOptions options)
    {
        var train = SplitFolders.Find(root, Train) is [var first, ..] ? first : null;
        bool HasClasses() => train is not null && FoldersLayout.HasClasses(train);
        var hasTable = File.Exists(Path.Combine(root, "train.csv")) || File.Exists(Path.Combine(root, "test.csv"));
        // A table with other columns may be any list next to folders of classes.
        if (hasTable && (CompetitionLayout.HasTables(root) || !HasClasses()))
        {
            return DataSetLayout.Competition;
        }

        if (HasClasses())
        {
            return HoldsOneFolder(train!) && TablesLayout.IsUnderstood(root, options) ? DataSetLayout.Competition : DataSetLayout.Folders;
        }

        if (ParquetLayout.HasShards(root, deep: false))
        {
            return DataSetLayout.Parquet;
        }

        if (TablesLayout.IsUnderstood(root, options) && Directory.EnumerateDirectories(root).All(f => IsHidden(Path.GetFileName(f))
            || CompetitionFiles.IsImageFolder(Path.GetFileName(f))))
        {
            return DataSetLayout.Competition;
        }

        if (train is null && FoldersLayout.HasClasses(root))
        {
            return DataSetLayout.Folders;
        }

        if (ParquetLayout.HasShards(root, deep: true))
        {
            return DataSetLayout.Parquet;
        }

        throw new RefusalException(
            $"{root} holds {Entries(root)}, but a data set is train.csv or labels.csv with a folder of images (columns such as id and label, or "
            + $"{string.Join(", ", CompetitionLayout.TrainColumns)}), " +
            "or a folder of images per class in train/<class>/ or <class>/; bring it into one of these layouts.");
    }

    // Unpacked archives often repeat their folder: train/train/1.png.
    private static bool HoldsOneFolder(string folder) => Directory.EnumerateDirectories(folder).Take(2).Count() == 1;
}

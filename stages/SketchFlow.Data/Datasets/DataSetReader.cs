using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Opens data sets; the layout is recognised by looking.</summary>
public static partial class DataSetReader
{
    private const string Train = "train";
    private const string Validation = "val";
    private const string Test = "test";

    /// <summary>Reads the tables or lists the folders of a data set; no image is opened.</summary>
    /// <exception cref="RefusalException">
    /// There is no such folder, its layout is none of the known, a table or column is missing or there twice, or nothing is in it.
    /// </exception>
    public static DataSet Read(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root))
        {
            throw new RefusalException(
                File.Exists(root)
                    ? $"{root} is a file, and a data set is a folder; give the folder that holds train.csv or train/."
                    : $"There is no folder {root}; give the folder that holds train.csv or train/.");
        }

        return Look(root) switch
        {
            DataSetLayout.Competition => OpenCompetition(root),
            DataSetLayout.Folders => OpenFolders(root),
            _ => OpenParquet(root),
        };
    }

    private static DataSetLayout Look(string root)
    {
        if (File.Exists(Path.Combine(root, "train.csv")) || File.Exists(Path.Combine(root, "test.csv")))
        {
            return DataSetLayout.Competition;
        }

        var split = Directory.Exists(Path.Combine(root, Train));
        if (split && ClassFolders(Path.Combine(root, Train)).Count > 0)
        {
            return DataSetLayout.Folders;
        }

        if (ParquetShards(root).Any())
        {
            return DataSetLayout.Parquet;
        }

        if (!split && ClassFolders(root).Count > 0)
        {
            return DataSetLayout.Folders;
        }

        throw new RefusalException(
            $"{root} holds {Found(root)}, but a data set is train.csv with train/ (columns {string.Join(", ", TrainColumns)}), " +
            "or a folder of images per class in train/<class>/ or <class>/; bring it into one of these layouts.");
    }

    /// <summary>The first entries, for a sentence.</summary>
    private static string Found(string folder)
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

    private static string NameOf(string root) => Path.GetFileName(root) is { Length: > 0 } name ? name : "data";
}

using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Competition"/>: tables of image paths and targets.</summary>
internal static class CompetitionLayout
{
    internal const string ClassName = "class_name";
    internal const string ImagePath = "image_path";
    internal const string Target = "target";

    private static readonly string[] _trainColumns = [ClassName, ImagePath, Target];

    /// <summary>Names of the columns of <c>train.csv</c>.</summary>
    public static IReadOnlyList<string> TrainColumns => _trainColumns;

    /// <summary>Returns true for a folder with a table of the competition, though columns may be missing.</summary>
    public static bool HasTables(string root) =>
        (TableOf(root, DataSetReader.Train) is var train && File.Exists(train) && CompetitionTable.CountColumns(train, _trainColumns) > 1)
        || (TableOf(root, DataSetReader.Test) is var test && File.Exists(test) && CompetitionTable.CountColumns(test, [ImagePath]) > 0);

    /// <summary>Returns true for a table with all columns of this layout; other tables are read by <see cref="TablesLayout"/>.</summary>
    public static bool HasUsualColumns(string root)
    {
        var (train, test) = (TableOf(root, DataSetReader.Train), TableOf(root, DataSetReader.Test));
        return File.Exists(train) ? HasUsualTrain(train)
            : File.Exists(test) && CompetitionTable.CountColumns(test, [ImagePath]) > 0 && CompetitionFiles.TrainTables(root).Count == 0;
    }

    // Names and numbers of classes without any column of images are a table of this layout, too, in which one is missing.
    private static bool HasUsualTrain(string table) => CompetitionTable.CountColumns(table, _trainColumns) == _trainColumns.Length
        || (CompetitionTable.CountColumns(table, [ClassName, Target]) == 2
            && ColumnNames.Find(CompetitionTable.ReadColumns(table), ColumnNames.Images) is null);

    /// <summary>Reads the tables of a data set.</summary>
    public static DataSet Read(string root, DataSetOptions options)
    {
        var table = ReadTable(root, DataSetReader.Train, options, _trainColumns);
        if (table.Rows.Count == 0)
        {
            throw new RefusalException($"{TableOf(root, DataSetReader.Train)} has a header and no row; expected at least one image to train on.");
        }

        var labels = table.Rows.ConvertAll(ClassLabel.From);
        var (names, paths) = (ClassLabel.NameClasses(labels), new CompetitionPaths(root, DataSetReader.Train));
        ImmutableArray<Sample> train = [.. table.Rows.Select((row, id) => CreateSample(paths, id, row, labels[id].CheckName(names)))];
        var classes = train.Max(s => s.Target + 1) ?? throw new RefusalException(
            $"{TableOf(root, DataSetReader.Train)} has {train.Length} rows and none that can be used (the first: {train[0].Fault}); correct the table.");

        var hasTest = File.Exists(TableOf(root, DataSetReader.Test)) || Directory.Exists(Path.Combine(root, DataSetReader.Test));
        var data = new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Competition,
            Classes = [.. Enumerable.Range(0, classes).Select(c => names.GetValueOrDefault(c) ?? $"class {c}")],
            Train = train,
            TrainColumns = FurtherColumns(table),
        };
        data = data with
        {
            Numbers = [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))],
            Test = hasTest ? TestRows(root, data, options) : [],
        };
        return data with { NotUsed = FindNotUsed(data) };
    }

    // Other tables of test images, and none next to a sample submission, are read as those of any competition.
    private static ImmutableArray<Sample> TestRows(string root, DataSet data, DataSetOptions options) =>
        File.Exists(TableOf(root, DataSetReader.Test))
            ? CompetitionTable.CountColumns(TableOf(root, DataSetReader.Test), [ImagePath]) > 0 ? ReadTest(root, options) : TablesLayout.ReadTest(data, options)
            : CompetitionFiles.FindSample(root) is not null ? TablesLayout.ReadTest(data, options)
            : ReadTest(root, options);

    private static ImmutableArray<Sample> ReadTest(string root, DataSetOptions options)
    {
        var table = ReadTable(root, DataSetReader.Test, options, [ImagePath]);
        var paths = new CompetitionPaths(root, DataSetReader.Test);
        var samples = table.Rows.Select((row, id) => CreateSample(paths, id, row, ClassLabel.None));
        if (ColumnNames.Find(table.Header, ColumnNames.Ids) is not { } column)
        {
            return [.. samples];
        }

        var ids = table.Rows.ConvertAll(r => r.Field(column));
        CheckIds(TableOf(root, DataSetReader.Test), table.Header[column], ids);
        return [.. samples.Zip(ids, (sample, id) => sample with { SubmissionId = id })];
    }

    internal static void CheckIds(string file, string column, List<string> ids)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var wrong = ids.FindIndex(id => id.Length == 0 || !seen.Add(id));
        if (wrong >= 0)
        {
            throw new RefusalException(
                $"{file} has {(ids[wrong].Length == 0 ? "no value" : $"the value {ids[wrong]} twice")} in the column {column} (row {wrong + 1}), "
                + "but the ids of a submission must be unique; correct the column, or give it a name other than that of an id.");
        }
    }

    // Spreadsheets and pandas write columns without a name; no recipe can name them.
    private static ImmutableArray<DataColumn> FurtherColumns(CompetitionTable table) =>
    [
        .. table.Header.Index().Where(h => h.Item.Length > 0 && !_trainColumns.Contains(h.Item, StringComparer.OrdinalIgnoreCase))
            .Select(h => new DataColumn(h.Item, [.. table.Rows.Select(r => r.Field(h.Index))])),
    ];

    private static Sample CreateSample(CompetitionPaths paths, int id, CompetitionRow row, ClassLabel label)
    {
        var path = row.Field(ImagePath);
        var pathFault = paths.Find(path, out var file);
        var fault = label.Fault ?? row.Fault ?? pathFault;
        return new Sample(id, path, file, fault is null ? label.Target : null) { Fault = fault };
    }

    private static CompetitionTable ReadTable(string root, string split, DataSetOptions options, string[] names)
    {
        var file = TableOf(root, split);
        if (!File.Exists(file))
        {
            throw new RefusalException(
                $"There is no {file}, though {root} holds {DataSetReader.Entries(root)}; add the table with the columns {string.Join(", ", names)}.");
        }

        if (!Directory.Exists(Path.Combine(root, split)))
        {
            throw new RefusalException($"There is {file} but no folder {split}/ next to it; put the images into {Path.Combine(root, split)}.");
        }

        return CompetitionTable.Read(file, options.Encoding, names);
    }

    private static string FindNotUsed(DataSet data)
    {
        var notUsed = new NotUsed();
        var scan = new FolderScan(data.Root, notUsed);
        string[] known = [.. ((string[])[DataSetReader.Train, DataSetReader.Test]).SelectMany(s => (string[])[s, s + ".csv"])];
        var sample = CompetitionFiles.FindSample(data.Root);
        var named = data.Train.Concat(data.Test).Select(s => s.File).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in scan.Entries(data.Root, out _))
        {
            if (entry.FullName == sample)
            {
                continue;
            }

            if (!known.Contains(entry.Name, StringComparer.Ordinal))
            {
                scan.LeaveOut(FolderScan.OtherEntry, entry.FullName);
            }
            else if (entry is DirectoryInfo)
            {
                foreach (var file in scan.Files(entry.FullName).Where(f => !named.Contains(f)))
                {
                    scan.LeaveOut(DataSetReader.IsImageFile(Path.GetFileName(file)) ? FolderScan.Unlisted : FolderScan.OtherFile, file);
                }
            }
        }

        return notUsed.ToString();
    }

    private static string TableOf(string root, string split) => Path.Combine(root, split + ".csv");
}

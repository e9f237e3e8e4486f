using System.Collections.Immutable;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>
/// Reads data sets of <see cref="DataSetLayout.Competition"/> whose tables have other names or columns than <see cref="CompetitionLayout"/>: the columns, the
/// folders of images and the kind of labels are found by their names and content.
/// </summary>
internal static class TablesLayout
{
    private static readonly (string One, string Many) _indexColumn = ("column of row numbers", "columns of row numbers");

    /// <summary>Returns true for a folder with a table whose columns of images and classes are found.</summary>
    public static bool IsUnderstood(string root, DataSetOptions options) => CompetitionFiles.TrainTables(root).Any(f =>
        options is { ImageColumn: not null } or { LabelColumn: not null } || CompetitionTable.ReadColumns(f) is { Count: > 1 } columns
            && ColumnNames.Find(columns, ColumnNames.Images) is not null);

    /// <summary>Reads the tables of a data set.</summary>
    public static DataSet Read(string root, DataSetOptions options)
    {
        var images = new ImageFinder(root, isTrain: true, DataSetReader.IsImageFile);
        var (table, columns) = ReadTrain(root, options, images);
        var labels = TableLabels.Read(table, columns, DataSetReader.MaxClasses);
        ImmutableArray<Sample> train = [.. table.Rows.Select((row, id) => CreateSample(images, id, row.Field(columns.Image), labels.Rows[id]))];
        if (train.All(s => s.Fault is not null))
        {
            throw new RefusalException(
                $"{table.File} has {train.Length} rows and none that can be used (the first: {train[0].Fault}); correct the table, put the images into "
                + $"{Path.Combine(root, DataSetReader.Train)}, or choose the columns with --set data.image_column=NAME and --set data.label_column=NAME.");
        }

        int[] used = [columns.Image, .. columns.Label is { } label ? [label] : Array.Empty<int>(), .. columns.OneHot];
        var data = new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Competition,
            Classes = labels.Classes,
            Numbers = labels.Numbers,
            Columns = (table.Header[columns.Image], columns.Label is { } named ? table.Header[columns.Number ?? named] : CompetitionLayout.Target),
            Train = train,
            TrainColumns =
            [
                .. table.Header.Index().Where(h => !used.Contains(h.Index) && !ColumnNames.IsIndex(h.Item))
                    .Select(h => new DataColumn(h.Item, [.. table.Values(h.Index)])),
            ],
        };
        data = data with { Test = ReadTest(data, options) };
        return data with { NotUsed = FindNotUsed(data, table, images) };
    }

    /// <summary>Reads the test images: those of a table, else those of the sample submission, else all in the folder of test images.</summary>
    /// <param name="data">The data set, without them.</param>
    /// <param name="options">Options.</param>
    public static ImmutableArray<Sample> ReadTest(DataSet data, DataSetOptions options)
    {
        var images = new ImageFinder(data.Root, isTrain: false, DataSetReader.IsImageFile);
        if (CompetitionFiles.TestTables(data.Root) is [var file, ..])
        {
            var table = CompetitionTable.ReadAny(file, options.Encoding);
            // The option may name a column that the training table alone has.
            var given = options.ImageColumn is { } name && table.Header.Contains(name, StringComparer.OrdinalIgnoreCase) ? name : null;
            var image = ColumnChoice.FindImage(table, images, given);
            return CreateTest(table, images, image, ColumnNames.Find(table.Header, ColumnNames.Ids) ?? image);
        }

        if (CompetitionFiles.FindSample(data.Root) is { } sample)
        {
            // The columns of classes need not be kept.
            var classes = data.Classes.ToHashSet(StringComparer.Ordinal);
            var table = CompetitionTable.ReadAny(sample, options.Encoding, name => !classes.Contains(name));
            var key = SampleSubmission.KeyColumn(table.Header);
            var image = ColumnNames.Find(table.Header.Take(table.Header.Length - 1).ToList(), ColumnNames.Images) ?? key;
            return CreateTest(table, images, image, key);
        }

        var folder = CompetitionFiles.ImageFolders(data.Root, isTrain: false)
            .FirstOrDefault(f => CompetitionFiles.IsOtherSplit(Path.GetFileName(f), isTrain: true));
        if (folder is null)
        {
            return [];
        }

        var scan = new FolderScan(data.Root, new NotUsed());
        return
        [
            .. scan.Images(Path.Combine(data.Root, folder)).Select((found, id) => new Sample(
                id, Path.GetRelativePath(Path.Combine(data.Root, folder), found.File).Replace('\\', '/'), found.File, null) { Fault = found.Fault }),
        ];
    }

    private static (CompetitionTable Table, ColumnChoice Columns) ReadTrain(string root, DataSetOptions options, ImageFinder images)
    {
        var files = CompetitionFiles.TrainTables(root);
        if (files.Count == 0)
        {
            throw new RefusalException(
                $"There is no {Path.Combine(root, "train.csv")}, though {root} holds {DataSetReader.Entries(root)}; "
                + $"add the table with the columns {string.Join(", ", CompetitionLayout.TrainColumns)}, or id and label.");
        }

        RefusalException? first = null;
        foreach (var file in files)
        {
            try
            {
                var table = CompetitionTable.ReadAny(file, options.Encoding);
                CheckTable(root, table, images);
                return (table, ColumnChoice.FindTrain(table, images, options.ImageColumn, options.LabelColumn));
            }
            catch (RefusalException e)
            {
                first ??= e;
            }
        }

        throw first!;
    }

    private static void CheckTable(string root, CompetitionTable table, ImageFinder images)
    {
        if (table.Rows.Count == 0)
        {
            throw new RefusalException($"{table.File} has a header and no row; expected at least one image to train on.");
        }

        if (images.Folders.Count == 0 && !Directory.EnumerateFiles(root).Any(f => DataSetReader.IsImageFile(Path.GetFileName(f))))
        {
            throw new RefusalException(
                $"There is {table.File} but no folder train/ next to it, and none called train_images/ or images/; "
                + $"put the images into {Path.Combine(root, DataSetReader.Train)}.");
        }

        if (table.Header.GroupBy(h => h, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Key.Length > 0 && g.Count() > 1) is { } twice)
        {
            throw new RefusalException($"{table.File} has the column {twice.Key} {twice.Count()} times; remove the others.");
        }
    }

    private static Sample CreateSample(ImageFinder images, int id, string value, (int? Target, string? Fault) label)
    {
        var missing = images.Find(value, out var path, out var file);
        var fault = label.Fault ?? missing;
        return new Sample(id, path, file, fault is null ? label.Target : null) { Fault = fault };
    }

    private static ImmutableArray<Sample> CreateTest(CompetitionTable table, ImageFinder images, int image, int key)
    {
        var ids = table.Values(key);
        CompetitionLayout.CheckIds(table.File, table.Header[key], ids);
        return [.. table.Rows.Select((row, i) => CreateSample(images, i, row.Field(image), (null, null)) with { SubmissionId = ids[i] })];
    }

    private static string FindNotUsed(DataSet data, CompetitionTable table, ImageFinder images)
    {
        var notUsed = new NotUsed();
        var scan = new FolderScan(data.Root, notUsed);
        foreach (var index in table.Header.Where(ColumnNames.IsIndex))
        {
            notUsed.Add(_indexColumn, $"{table.Name}: {(index.Length == 0 ? "without a name" : index)}");
        }

        string?[] known = [table.File, CompetitionFiles.TestTables(data.Root) is [var test, ..] ? test : null, CompetitionFiles.FindSample(data.Root)];
        HashSet<string> folders =
        [
            .. images.Folders.Concat(CompetitionFiles.ImageFolders(data.Root, isTrain: false)).Select(f => Path.Combine(data.Root, f.Split('/')[0])),
        ];
        var named = data.Train.Concat(data.Test).Select(s => s.File).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in scan.Entries(data.Root, out _).Where(e => !known.Contains(e.FullName, StringComparer.Ordinal) && !named.Contains(e.FullName)))
        {
            if (!folders.Contains(entry.FullName))
            {
                scan.LeaveOut(FolderScan.OtherEntry, entry.FullName);
                continue;
            }

            foreach (var file in scan.Files(entry.FullName).Where(f => !named.Contains(f)))
            {
                scan.LeaveOut(DataSetReader.IsImageFile(Path.GetFileName(file)) ? FolderScan.Unlisted : FolderScan.OtherFile, file);
            }
        }

        return notUsed.ToString();
    }
}

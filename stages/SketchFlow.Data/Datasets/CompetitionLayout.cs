using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Competition"/>: tables of image paths and targets.</summary>
internal static class CompetitionLayout
{
    private const string ClassName = "class_name";
    private const string ImagePath = "image_path";
    private const string Target = "target";

    private static readonly string[] _trainColumns = [ClassName, ImagePath, Target];

    // Names, without case and separators, that competitions give to the ids of test images: id, Id, ImageId, image_id, id_code, ….
    private static readonly string[] _idColumns = ["id", "imageid", "imgid", "idcode", "testid", "rowid", "sampleid", "fileid"];

    /// <summary>Names of the columns of <c>train.csv</c>.</summary>
    public static IReadOnlyList<string> TrainColumns => _trainColumns;

    /// <summary>Reads the tables of a data set.</summary>
    public static DataSet Read(string root)
    {
        var (header, rows) = ReadTable(root, DataSetReader.Train, _trainColumns);
        if (rows.Count == 0)
        {
            throw new RefusalException($"{Path.Combine(root, "train.csv")} has a header and no row; expected at least one image to train on.");
        }

        var labels = rows.ConvertAll(Label.From);
        var names = NameClasses(labels);
        ImmutableArray<Sample> train = [.. rows.Select((row, id) => TrainSample(root, id, row, labels[id], names))];
        var classes = train.Max(s => s.Target + 1) ?? throw new RefusalException(
            $"{Path.Combine(root, "train.csv")} has {train.Length} rows and none that can be used (the first: {train[0].Fault}); correct the table.");

        var hasTest = File.Exists(Path.Combine(root, "test.csv")) || Directory.Exists(Path.Combine(root, DataSetReader.Test));
        return new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Competition,
            Classes = [.. Enumerable.Range(0, classes).Select(c => names.GetValueOrDefault(c) ?? $"class {c}")],
            Train = train,
            TrainColumns = FurtherColumns(header, rows),
            Test = hasTest ? ReadTest(root) : [],
        };
    }

    private static ImmutableArray<Sample> ReadTest(string root)
    {
        var (header, rows) = ReadTable(root, DataSetReader.Test, [ImagePath]);
        var samples = rows.Select((row, id) => CreateSample(root, DataSetReader.Test, id, row, new Label(null, "", null)));
        if (FindIdColumn(header) is not { } column)
        {
            return [.. samples];
        }

        var ids = rows.ConvertAll(r => r.Field(column));
        CheckIds(Path.Combine(root, "test.csv"), header[column], ids);
        return [.. samples.Zip(ids, (sample, id) => sample with { SubmissionId = id })];
    }

    /// <summary>Finds the column of the test images' own ids, by its name.</summary>
    /// <returns>Index of the column; null where no column is called so.</returns>
    private static int? FindIdColumn(string[] header)
    {
        string[] names = [.. header.Select(h => new string([.. h.Where(char.IsLetterOrDigit)]).ToLowerInvariant())];
        return _idColumns.Select(known => Array.IndexOf(names, known)).Where(at => at >= 0).Select(at => (int?)at).FirstOrDefault();
    }

    private static void CheckIds(string file, string column, List<string> ids)
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
    private static ImmutableArray<DataColumn> FurtherColumns(string[] header, List<Row> rows) =>
    [
        .. header.Index().Where(h => h.Item.Length > 0 && !_trainColumns.Contains(h.Item, StringComparer.OrdinalIgnoreCase))
            .Select(h => new DataColumn(h.Item, [.. rows.Select(r => r.Field(h.Index))])),
    ];

    private static Sample TrainSample(string root, int id, Row row, Label label, Dictionary<int, string> names)
    {
        if (label.Fault is null && label.Name.Length > 0 && label.Target is { } target
            && names.GetValueOrDefault(target) is var known && !string.Equals(known, label.Name, StringComparison.Ordinal))
        {
            var fault = known is null
                ? $"target {target} is given to class \"{label.Name}\" in this row only, and that class has another"
                : $"target {target} is class \"{known}\" and the row says \"{label.Name}\"";
            label = label with { Fault = fault };
        }

        return CreateSample(root, DataSetReader.Train, id, row, label);
    }

    /// <summary>
    /// Finds the name of each target: the one that most of its rows give, so that one bad row does not make the good ones unusable.
    /// </summary>
    /// <remarks>
    /// Two targets may share a name (ImageNet has two cranes). But a target of a single row whose name belongs to another target is
    /// considered a typing error, and gets no name.
    /// </remarks>
    private static Dictionary<int, string> NameClasses(List<Label> labels)
    {
        var names = new Dictionary<int, string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var pairs = labels.Where(l => l.Fault is null && l.Name.Length > 0)
            .GroupBy(l => (Target: l.Target!.Value, l.Name))
            .Select(g => (g.Key.Target, g.Key.Name, Rows: g.Count()))
            .OrderByDescending(p => p.Rows); // stable: among equals the first in the table wins
        foreach (var (target, name, rows) in pairs)
        {
            if (!names.ContainsKey(target) && (rows > 1 || !taken.Contains(name)))
            {
                names.Add(target, name);
                taken.Add(name);
            }
        }

        return names;
    }

    private static Sample CreateSample(string root, string split, int id, Row row, Label label)
    {
        var path = row.Field(ImagePath);
        var file = "";
        var fault = label.Fault ?? row.Fault ?? FindFile(root, split, path, out file);
        return new Sample(id, path, file, fault is null ? label.Target : null) { Fault = fault };
    }

    /// <summary>Finds an image below <c>train/</c> or <c>test/</c>, never outside; paths in the table may start with that folder.</summary>
    /// <returns>The fault of the path; null for a good one.</returns>
    private static string? FindFile(string root, string split, string path, out string file)
    {
        file = "";
        var slashed = path.Replace('\\', '/');
        if (slashed.Length == 0)
        {
            return "no image path";
        }

        if (slashed.Contains('\0', StringComparison.Ordinal))
        {
            return "the image path has a null character";
        }

        if (slashed[0] == '/' || (slashed.Length > 1 && slashed[1] == ':'))
        {
            return $"the image path is absolute, and paths are relative to {split}/";
        }

        var folder = Path.Combine(root, split);
        var below = Path.GetFullPath(Path.Combine(folder, slashed));
        if (slashed.StartsWith(split + "/", StringComparison.Ordinal) && !File.Exists(below))
        {
            below = Path.GetFullPath(Path.Combine(root, slashed));
        }

        if (!below.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return $"the image path leaves {split}/";
        }

        file = below;
        return null;
    }

    /// <summary>Reads the given columns, by name, of <c>train.csv</c> or <c>test.csv</c>: RFC 4180, UTF-8 with or without a byte order mark.</summary>
    private static (string[] Header, List<Row> Rows) ReadTable(string root, string split, string[] names)
    {
        var file = Path.Combine(root, split + ".csv");
        if (!File.Exists(file))
        {
            throw new RefusalException(
                $"There is no {file}, though {root} holds {DataSetReader.Entries(root)}; add the table with the columns {string.Join(", ", names)}.");
        }

        if (!Directory.Exists(Path.Combine(root, split)))
        {
            throw new RefusalException($"There is {file} but no folder {split}/ next to it; put the images into {Path.Combine(root, split)}.");
        }

        using var text = new StreamReader(file);
        // A stray quote inside a field is kept: the row may still be usable.
        using var table = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null, TrimOptions = TrimOptions.Trim });
        if (!table.Read() || table.Record is not { } header)
        {
            throw new RefusalException($"{file} is empty; its first line must name the columns {string.Join(", ", names)}.");
        }

        var columns = names.ToDictionary(name => name, name => ColumnOf(file, header, name, names), StringComparer.Ordinal);
        var rows = new List<Row>();
        while (table.Read())
        {
            var record = table.Record!;
            if (record.Any(f => f.Contains('\n', StringComparison.Ordinal)))
            {
                // Everything up to the next quote has become part of this field.
                throw new RefusalException($"{file} has a quote that is not closed on its line, near line {table.RawRow}; close it or double it.");
            }

            rows.Add(new Row(record, columns));
        }

        return (header, rows);
    }

    private static int ColumnOf(string file, string[] header, string name, string[] names)
    {
        var places = Enumerable.Range(0, header.Length).Where(i => string.Equals(header[i], name, StringComparison.OrdinalIgnoreCase)).ToArray();
        var (found, expected) = (string.Join(", ", header), string.Join(", ", names));
        return places.Length switch
        {
            1 => places[0],
            0 => throw new RefusalException($"{file} has no column {name}: found {found}, expected {expected}; name the columns in the first line."),
            _ => throw new RefusalException(
                $"{file} has the column {name} {places.Length} times: found {found}, expected each of {expected} once; remove the others."),
        };
    }

    private sealed record Row(string[] Record, Dictionary<string, int> Columns)
    {
        public string? Fault =>
            Columns.Values.Max() is var last && last >= Record.Length ? $"the row has {Record.Length} fields, and {last + 1} are needed" : null;

        public string Field(string column) => Field(Columns[column]);

        public string Field(int place) => place < Record.Length ? Record[place] : "";
    }

    /// <summary>Class of a row, by number and name. Training rows without a fault have a target.</summary>
    private sealed record Label(int? Target, string Name, string? Fault)
    {
        public static Label From(Row row)
        {
            var (name, text) = (row.Field(ClassName), row.Field(CompetitionLayout.Target));
            var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var target);
            var fault = row.Fault
                ?? (!isNumber ? $"target \"{text}\" is not a whole number"
                    : target < 0 ? $"target {target} is negative"
                    : target >= DataSetReader.MaxClasses ? $"target {target} is not a class number below {DataSetReader.MaxClasses}"
                    : null);
            return new Label(target, name, fault);
        }
    }
}

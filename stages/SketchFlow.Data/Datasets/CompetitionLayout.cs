using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

public static partial class DataSetReader
{
    private const string ClassName = "class_name";
    private const string ImagePath = "image_path";
    private const string Target = "target";

    /// <summary>Beyond it a target is a slip of the pen, not a class: the table of names would fill the memory.</summary>
    private const int MostClasses = 100_000;

    private static readonly string[] _trainColumns = [ClassName, ImagePath, Target];

    private static IReadOnlyList<string> TrainColumns => _trainColumns;

    private static DataSet OpenCompetition(string root)
    {
        var rows = ReadTable(root, Train, _trainColumns);
        if (rows.Count == 0)
        {
            throw new RefusalException($"{Path.Combine(root, "train.csv")} has a header and no row; give at least one image to learn from.");
        }

        var labels = rows.ConvertAll(Label.Of);
        var names = NameClasses(labels);
        ImmutableArray<Sample> train = [.. rows.Select((row, id) => TrainRow(root, id, row, labels[id], names))];
        var classes = train.Max(s => s.Target + 1) ?? throw new RefusalException(
            $"{Path.Combine(root, "train.csv")} has {train.Length} rows and none that can be used (the first: {train[0].Fault}); mend the table.");

        var hasTest = File.Exists(Path.Combine(root, "test.csv")) || Directory.Exists(Path.Combine(root, Test));
        return new DataSet
        {
            Name = NameOf(root),
            Root = root,
            Layout = DataSetLayout.Competition,
            Classes = [.. Enumerable.Range(0, classes).Select(c => names.GetValueOrDefault(c) ?? $"class {c}")],
            Train = train,
            Test = hasTest ? [.. ReadTable(root, Test, [ImagePath]).Select((row, id) => Located(root, Test, id, row, target: null, fault: null))] : [],
        };
    }

    private static Sample TrainRow(string root, int id, Row row, Label label, Dictionary<int, string> names)
    {
        var fault = label.Fault;
        if (fault is null && label.Name.Length > 0 && names.GetValueOrDefault(label.Target) is var known && !string.Equals(known, label.Name, StringComparison.Ordinal))
        {
            fault = known is null
                ? $"target {label.Target} is given to class \"{label.Name}\" in this row only, and that class has another"
                : $"target {label.Target} is class \"{known}\" and the row says \"{label.Name}\"";
        }

        return Located(root, Train, id, row, label.Target, fault);
    }

    /// <summary>
    /// The name of each target: the one that most of its rows give it, so that one bad row does not condemn the good ones.
    /// </summary>
    /// <remarks>
    /// Two targets may have one name (ImageNet has two cranes). But a target of a single row whose name belongs to
    /// another target is taken for a slip, and gets no name.
    /// </remarks>
    private static Dictionary<int, string> NameClasses(List<Label> labels)
    {
        var names = new Dictionary<int, string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var pairs = labels.Where(l => l.Fault is null && l.Name.Length > 0)
            .GroupBy(l => (l.Target, l.Name))
            .Select(g => (g.Key.Target, g.Key.Name, Rows: g.Count()))
            .OrderByDescending(p => p.Rows); // stable: the first seen wins among equals
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

    private static Sample Located(string root, string split, int id, Row row, int? target, string? fault)
    {
        var path = row.Field(ImagePath);
        var file = "";
        fault ??= row.Fault ?? Locate(root, split, path, out file);
        return new Sample(id, path, file, fault is null ? target : null) { Fault = fault };
    }

    /// <summary>Where an image is: below <c>train/</c> or <c>test/</c>, which the table may or may not write; never outside.</summary>
    /// <returns>Why there is no such place; null where there is.</returns>
    private static string? Locate(string root, string split, string path, out string file)
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

    /// <summary>Reads the wanted columns, by name, of <c>train.csv</c> or <c>test.csv</c>: RFC 4180, UTF-8 with or without mark.</summary>
    private static List<Row> ReadTable(string root, string split, string[] wanted)
    {
        var file = Path.Combine(root, split + ".csv");
        if (!File.Exists(file))
        {
            throw new RefusalException($"There is no {file}, though {root} holds {Found(root)}; add the table with the columns {string.Join(", ", wanted)}.");
        }

        if (!Directory.Exists(Path.Combine(root, split)))
        {
            throw new RefusalException($"There is {file} but no folder {split}/ beside it; put the images into {Path.Combine(root, split)}.");
        }

        using var text = new StreamReader(file);
        // A stray quote inside a field is kept as it stands; the row may well be good.
        using var table = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null, TrimOptions = TrimOptions.Trim });
        if (!table.Read() || table.Record is not { } header)
        {
            throw new RefusalException($"{file} is empty; its first line must name the columns {string.Join(", ", wanted)}.");
        }

        var columns = wanted.ToDictionary(name => name, name => ColumnOf(file, header, name, wanted), StringComparer.Ordinal);
        var rows = new List<Row>();
        while (table.Read())
        {
            var record = table.Record!;
            if (record.Any(f => f.Contains('\n', StringComparison.Ordinal)))
            {
                // Everything up to the next quote would vanish into this field.
                throw new RefusalException($"{file} has a quote that is not closed on its line, near line {table.RawRow}; close it or double it.");
            }

            rows.Add(new Row(record, columns));
        }

        return rows;
    }

    private static int ColumnOf(string file, string[] header, string name, string[] wanted)
    {
        var places = Enumerable.Range(0, header.Length).Where(i => string.Equals(header[i], name, StringComparison.OrdinalIgnoreCase)).ToArray();
        return places.Length switch
        {
            1 => places[0],
            0 => throw new RefusalException(
                $"{file} has no column {name}: found {string.Join(", ", header)}, expected {string.Join(", ", wanted)}; name the columns in the first line."),
            _ => throw new RefusalException(
                $"{file} has the column {name} {places.Length} times: found {string.Join(", ", header)}, expected each of {string.Join(", ", wanted)} once; remove the others."),
        };
    }

    private sealed record Row(string[] Record, Dictionary<string, int> Columns)
    {
        public string? Fault =>
            Columns.Values.Max() is var last && last >= Record.Length ? $"the row has {Record.Length} fields, and {last + 1} are needed" : null;

        public string Field(string column) => Columns[column] is var place && place < Record.Length ? Record[place] : "";
    }

    /// <summary>What a row says of its class.</summary>
    private sealed record Label(int Target, string Name, string? Fault)
    {
        public static Label Of(Row row)
        {
            var (name, text) = (row.Field(ClassName), row.Field(DataSetReader.Target));
            var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var target);
            var fault = row.Fault
                ?? (!isNumber ? $"target \"{text}\" is not a whole number"
                    : target < 0 ? $"target {target} is negative"
                    : target >= MostClasses ? $"target {target} is not a class number below {MostClasses}"
                    : null);
            return new Label(target, name, fault);
        }
    }
}

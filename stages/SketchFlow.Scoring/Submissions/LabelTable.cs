using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Submissions;

/// <summary>A CSV table of images and their classes: a submission, or the answers to it.</summary>
/// <param name="Source">Path of the file.</param>
/// <param name="Ids">Id of each row; empty if the table has no column of ids.</param>
/// <param name="ImagePaths">Path of each row, with slashes; empty if the table has no column of paths.</param>
/// <param name="Numbers">Class number of each row; empty if the table has no numbers.</param>
/// <param name="Names">Class name of each row; empty if the table has no names.</param>
public sealed record LabelTable(
    string Source, ImmutableArray<string> Ids, ImmutableArray<string> ImagePaths, ImmutableArray<int> Numbers, ImmutableArray<string> Names)
{
    // Names are compared without case and separators.
    private static readonly string[] _ids = ["id", "imageid", "imgid", "idcode", "testid", "rowid", "sampleid", "fileid", "row", "index"];
    private static readonly string[] _paths = ["imagepath", "filename", "path", "image", "file"];
    private static readonly string[] _labels =
        ["target", "label", "class", "category", "prediction", "predicted", "answer", "expected", "classid", "classname"];

    /// <summary>Number of rows.</summary>
    public int Rows => Math.Max(Numbers.Length, Names.Length);

    /// <summary>Reads a table with a header: a column of ids or paths, and a column of class numbers or names, or both.</summary>
    /// <param name="path">The CSV file.</param>
    /// <exception cref="RefusalException">The file is missing or empty, has no such columns, or a row lacks a value.</exception>
    public static LabelTable Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            throw new RefusalException($"{path} does not exist, expected a CSV table of images and classes.");
        }

        using var text = new StreamReader(path);
        var format = CsvFile.FormatOf(path);
        format.TrimOptions = TrimOptions.Trim;
        using var csv = new CsvParser(text, format);
        if (!csv.Read() || csv.Record is not { } header)
        {
            throw new RefusalException($"{path} is empty, expected a header with id or image_path and target or class_name.");
        }

        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add(csv.Record!.Length == header.Length ? csv.Record : throw new RefusalException(
                $"{path} has {csv.Record.Length} fields in line {csv.RawRow}, expected {header.Length} as in its header."));
        }

        if (rows.Count == 0)
        {
            throw new RefusalException($"{path} has a header and no row, expected one row per image.");
        }

        return From(path, header, rows);
    }

    private static LabelTable From(string path, string[] header, List<string[]> rows)
    {
        string[] plain = [.. header.Select(h => new string([.. h.Where(char.IsLetterOrDigit)]).ToLowerInvariant())];
        var (ids, paths) = (Column(_ids), Column(_paths));
        string[][] labels = [.. _labels.Select(l => Column([l])).OfType<string[]>()];
        if (ids is null && paths is null || labels.Length == 0)
        {
            throw new RefusalException(
                $"{path} has the columns {string.Join(", ", header.Take(8))}, expected id or image_path, and target, label or class_name.");
        }

        var numbers = labels.FirstOrDefault(l => l.All(IsNumber));
        return new LabelTable(
            path,
            [.. ids ?? []],
            [.. (paths ?? []).Select(p => p.Replace('\\', '/'))],
            [.. (numbers ?? []).Select(n => int.Parse(n, NumberStyles.None, CultureInfo.InvariantCulture))],
            [.. labels.FirstOrDefault(l => !l.All(IsNumber)) ?? []]);

        string[]? Column(string[] names)
        {
            var at = names.Select(n => Array.IndexOf(plain, n)).FirstOrDefault(i => i >= 0, -1);
            if (at < 0)
            {
                return null;
            }

            string[] values = [.. rows.Select(r => r[at])];
            return Array.IndexOf(values, "") is var empty && empty < 0
                ? values
                : throw new RefusalException($"{path} has no {header[at]} in row {empty + 1}, expected one in every row.");
        }

        static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}

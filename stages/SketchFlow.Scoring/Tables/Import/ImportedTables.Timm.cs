using System.Globalization;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables.Import;

public static partial class ImportedTables
{
    private const string TimmHint = "run timm's inference.py with --topk 0 --results-format parquet --output-type logit";

    private static readonly string[] _timmKeys = ["filename", "image_path", "path"];
    private static readonly string[] _timmOutputs = ["logit", "prob"];

    /// <summary>
    /// Reads the output of timm's <c>inference.py --results-format parquet</c>: <c>filename</c> and either a list <c>logit</c> or <c>prob</c>, or, with
    /// <c>--results-separate-col</c>, columns <c>logit_0</c>, <c>logit_1</c>, …; with <c>--topk N --include-index</c> the numbers are sorted and
    /// <c>index</c> gives their classes.
    /// </summary>
    /// <remarks>Follows inference.py of huggingface/pytorch-image-models, commit 0041cb7. The file names no classes, so their order must be given.</remarks>
    private static RawTable ReadTimm(string path, ImportOptions options)
    {
        try
        {
            using var file = ParquetFile.Open(path);
            return ReadTimm(path, file, options);
        }
        catch (Exception e) when (e is not (RefusalException or OutOfMemoryException))
        {
            throw new RefusalException(
                $"{path} is not an intact Parquet file ({e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}), expected one of timm's; {TimmHint}.", e);
        }
    }

    private static RawTable ReadTimm(string path, ParquetFile file, ImportOptions options)
    {
        var columns = TimmColumns.Find(path, file);
        var (keys, values, order) = (new List<string>(), new List<double>(), new List<double>());
        var width = columns.Separate.Length;
        for (var g = 0; g < file.RowGroups; g++)
        {
            var rows = file.RowsIn(g);
            if (rows == 0)
            {
                continue;
            }

            keys.AddRange(file.ReadTexts(g, columns.Key).Select((w, i) =>
                w ?? throw new RefusalException($"{path} has no {columns.Key.Name} in row {keys.Count + i}, expected one; {TimmHint}.")));
            if (columns.List is null)
            {
                values.AddRange(ReadSeparateColumns(path, file, g, columns.Separate, rows));
                order.AddRange(columns.SeparateIndices.Length == 0 ? [] : ReadSeparateColumns(path, file, g, columns.SeparateIndices, rows));
                continue;
            }

            var (numbers, length) = ReadLists(path, file, g, columns.List, rows);
            width = width == 0 || width == length
                ? length
                : throw new RefusalException($"{path} has lists of {width} and of {length} numbers, expected one length; {TimmHint}.");
            values.AddRange(numbers);
            order.AddRange(columns.Indices is null ? [] : ReadLists(path, file, g, columns.Indices, rows).Values);
        }

        if (keys.Count == 0 || width == 0)
        {
            throw new RefusalException($"{path} holds {keys.Count} rows of {width} numbers, expected at least 1 of each; {TimmHint}.");
        }

        var classes = GivenClassNames(path, options, width);
        if (order.Count == 0 && AllRowsDescend(values, width))
        {
            throw new RefusalException(
                $"{path} has every row sorted in descending order and no index, so the class of each number is unknown; {TimmHint}.");
        }

        double[] arranged = order.Count == 0 ? [.. values] : RestoreClassOrder(path, values, order, width);
        return new RawTable([.. keys], columns.Key.Name, classes, arranged, AreProbabilities(path, options, columns.Output == "prob"));
    }

    /// <summary>Columns of timm's output.</summary>
    /// <param name="Key">Names of the images.</param>
    /// <param name="Output"><c>logit</c> or <c>prob</c>.</param>
    /// <param name="List">The outputs as one list per row, or null.</param>
    /// <param name="Separate">The outputs as one column per class; empty where they are lists.</param>
    /// <param name="Indices">Classes of the list's numbers, or null.</param>
    /// <param name="SeparateIndices">Classes of the separate columns' numbers; empty where there are none.</param>
    private sealed record TimmColumns(
        ParquetColumn Key, string Output, ParquetColumn? List, ParquetColumn[] Separate, ParquetColumn? Indices, ParquetColumn[] SeparateIndices)
    {
        /// <summary>Finds the columns by their names.</summary>
        /// <exception cref="RefusalException">There are no names or no outputs.</exception>
        public static TimmColumns Find(string path, ParquetFile file)
        {
            var columns = file.Columns;
            var names = string.Join(", ", columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Take(8));
            ParquetColumn? ListOf(params ReadOnlySpan<string> wanted)
            {
                foreach (var column in columns)
                {
                    if (column.MaxRepetition == 1 && wanted.Contains(column.Name))
                    {
                        return column;
                    }
                }

                return null;
            }

            var key = columns.FirstOrDefault(c =>
                    c.Type == ParquetColumnType.String && c.MaxRepetition == 0 && _timmKeys.Contains(c.Path, StringComparer.Ordinal))
                ?? throw new RefusalException($"{path} has the columns {names}, expected filename, as timm writes it; {TimmHint}.");
            var list = ListOf(_timmOutputs);
            var output = list?.Name ?? _timmOutputs.FirstOrDefault(o => columns.Any(c => c.Path == o + "_0" || c.Path == o))
                ?? throw new RefusalException($"{path} has the columns {names}, expected a list or columns logit or prob, as timm writes them; {TimmHint}.");
            return new TimmColumns(key, output, list, list is null ? [.. Numbered(output)] : [], ListOf("index"), [.. Numbered("index")]);

            IEnumerable<ParquetColumn> Numbered(string stem)
            {
                for (var i = 0; ; i++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{i}");
                    if (columns.FirstOrDefault(c => c.MaxRepetition == 0 && c.Path == name) is not { } column)
                    {
                        yield break;
                    }

                    yield return column;
                }
            }
        }
    }

    private static double[] ReadSeparateColumns(string path, ParquetFile file, int group, ParquetColumn[] columns, int rows)
    {
        var all = new double[checked(rows * columns.Length)];
        for (var c = 0; c < columns.Length; c++)
        {
            var (values, _) = ReadNumbers(path, file, group, columns[c], rows);
            for (var i = 0; i < rows; i++)
            {
                all[(i * columns.Length) + c] = values[i];
            }
        }

        return all;
    }

    private static (double[] Values, int Length) ReadLists(string path, ParquetFile file, int group, ParquetColumn column, int rows)
    {
        var count = file.ValuesIn(group, column) is >= 0 and <= int.MaxValue and var values ? (int)values : 0;
        var (numbers, repetitions) = ReadNumbers(path, file, group, column, count);
        var length = count / rows;
        for (var i = 0; i < count; i++)
        {
            if (count % rows != 0 || (repetitions[i] == 0) != (i % length == 0))
            {
                throw new RefusalException($"{path} has lists of {column.Name} of different lengths, expected one number per class in every row; {TimmHint}.");
            }
        }

        return (numbers, length);
    }

    private static (double[] Values, short[] Repetitions) ReadNumbers(
        string path, ParquetFile file, int group, ParquetColumn column, int count) => column.Type switch
        {
            ParquetColumnType.Single => ReadNumbers<float>(path, file, group, column, count),
            ParquetColumnType.Double => ReadNumbers<double>(path, file, group, column, count),
            ParquetColumnType.Int32 => ReadNumbers<int>(path, file, group, column, count),
            ParquetColumnType.Int64 => ReadNumbers<long>(path, file, group, column, count),
            _ => throw new RefusalException($"{path} has numbers of type {column.Type} in {column.Name}, expected float32 or float64; {TimmHint}."),
        };

    /// <summary>Reads a column of numbers in pieces, so that a wrong count cannot exhaust memory before the column ends.</summary>
    private static (double[] Values, short[] Repetitions) ReadNumbers<T>(string path, ParquetFile file, int group, ParquetColumn column, int count)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        const int Piece = 1 << 14;
        using var chunk = file.OpenChunk<T>(group, column);
        var (values, repetitions) = (new List<double>(Math.Min(count, Piece)), new List<short>(Math.Min(count, Piece)));
        var (numbers, definitions, starts) = (new T[Piece], new short[Piece], new short[column.MaxRepetition > 0 ? Piece : 0]);
        while (values.Count < count)
        {
            var size = Math.Min(Piece, count - values.Count);
            chunk.ReadNumbers(numbers.AsSpan(0, size), definitions.AsSpan(0, size), starts.AsSpan(0, Math.Min(starts.Length, size)));
            if (definitions.AsSpan(0, size).IndexOfAnyExcept((short)column.MaxDefinition) >= 0)
            {
                throw new RefusalException($"{path} has a missing number in {column.Name}, expected one per class in every row; {TimmHint}.");
            }

            values.AddRange(numbers.Take(size).Select(double.CreateChecked));
            repetitions.AddRange(starts.AsSpan(0, Math.Min(starts.Length, size)));
        }

        return ([.. values], [.. repetitions]);
    }

    /// <summary>Whether every row falls from its first number to its last, as the outputs of <c>--topk</c> do.</summary>
    private static bool AllRowsDescend(List<double> values, int columns)
    {
        for (var i = 1; i < values.Count; i++)
        {
            if (i % columns != 0 && values[i] > values[i - 1])
            {
                return false;
            }
        }

        // With two classes and few rows this may be chance; such a table is refused anyway, because predicting it again is cheap.
        return columns > 1;
    }

    private static double[] RestoreClassOrder(string path, List<double> values, List<double> order, int columns)
    {
        if (order.Count != values.Count)
        {
            throw new RefusalException($"{path} has {order.Count} indices for {values.Count} numbers, expected equal counts; {TimmHint}.");
        }

        var placed = new double[values.Count];
        Array.Fill(placed, double.NaN);
        for (var i = 0; i < placed.Length; i++)
        {
            var at = order[i] is var c && c >= 0 && c < columns ? (i / columns * columns) + (int)c : -1;
            if (at < 0 || !double.IsNaN(placed[at]))
            {
                var fault = at < 0 ? $"among {columns}" : "twice in a row";
                throw new RefusalException($"{path} has the index {order[i]} {fault}, expected every class once in each row; {TimmHint}.");
            }

            placed[at] = values[i];
        }

        return placed;
    }
}

using System.Globalization;
using Parquet;
using Parquet.Schema;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables.ParquetFiles;

namespace SketchFlow.Scoring.Tables.Import;

public static partial class ImportedTables
{
    private const string TimmHint = "run timm's inference.py with --topk 0 --results-format parquet --output-type logit";

    private static readonly string[] _timmKeys = ["filename", "image_path", "path"];
    private static readonly string[] _timmOutputs = ["logit", "prob"];

    /// <summary>
    /// What timm's <c>inference.py --results-format parquet</c> writes: <c>filename</c> and either a list <c>logit</c> or <c>prob</c>, or with <c>--results-separate-col</c>
    /// columns <c>logit_0</c>, <c>logit_1</c>, …; with <c>--topk N --include-index</c> sorted, and <c>index</c> says the classes.
    /// </summary>
    /// <remarks>Read from inference.py of huggingface/pytorch-image-models, commit 0041cb7. It names no classes: their order must be told.</remarks>
    private static RawTable ReadTimm(string path, ImportOptions options)
    {
        try
        {
            return ReadTimmAsync(path, options).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (RefusalException or OutOfMemoryException))
        {
            throw new RefusalException($"{path} is no whole Parquet file ({LogitsReader.OneLine(e.Message)}), expected one of timm's; {TimmHint}.", e);
        }
    }

    private static async Task<RawTable> ReadTimmAsync(string path, ImportOptions options)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 12);
        if (stream.Length < 12 || !ParquetFooterValidator.IsSound(stream))
        {
            throw new RefusalException($"{path} is no whole Parquet file (its footer does not hold together), expected one of timm's; {TimmHint}.");
        }

        stream.Seek(0, SeekOrigin.Begin);
        await using var reader = await ParquetReader.CreateAsync(stream, LogitsSchema.ReadOptions);
        var fields = reader.Schema.DataFields;
        var names = string.Join(", ", reader.Schema.Fields.Take(8).Select(f => f.Name));
        var key = Array.Find(fields, f => _timmKeys.Contains(f.Name, StringComparer.Ordinal) && Kind(f) == typeof(string))
            ?? throw new RefusalException($"{path} has the columns {names}, expected filename, as timm writes it; {TimmHint}.");
        var list = Array.Find(fields, f => f.MaxRepetitionLevel == 1 && _timmOutputs.Contains(f.Path.FirstPart, StringComparer.Ordinal));
        var stem = list?.Path.FirstPart ?? _timmOutputs.FirstOrDefault(o => fields.Any(f => f.Name == o + "_0" || f.Name == o))
            ?? throw new RefusalException($"{path} has the columns {names}, expected a list or columns logit or prob, as timm writes them; {TimmHint}.");
        DataField[] separate = list is not null ? [] : [.. SeparateColumns(fields, stem)];
        var indices = Array.Find(fields, f => f.MaxRepetitionLevel == 1 && string.Equals(f.Path.FirstPart, "index", StringComparison.Ordinal));
        DataField[] separateIndices = [.. SeparateColumns(fields, "index")];
        var (keys, values, order) = (new List<string>(), new List<double>(), new List<double>());
        var columns = separate.Length;
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var n = checked((int)group.RowCount);
            if (n == 0)
            {
                continue;
            }

            var words = new string[n];
            await group.ReadAsync(key, words.AsMemory()!);
            keys.AddRange(words.Select((w, i) => w ?? throw new RefusalException($"{path} has no {key.Name} in row {keys.Count + i}, expected one; {TimmHint}.")));
            if (list is not null)
            {
                var (numbers, width) = await ReadLists(path, group, list, n);
                columns = g == 0 || columns == 0 ? width : columns == width ? width : throw new RefusalException($"{path} has lists of {columns} and of {width} numbers, expected one length; {TimmHint}.");
                values.AddRange(numbers);
                order.AddRange(indices is null ? [] : (await ReadLists(path, group, indices, n)).Values);
            }
            else
            {
                values.AddRange(await ReadSeparateColumns(path, group, separate, n));
                order.AddRange(separateIndices.Length == 0 ? [] : await ReadSeparateColumns(path, group, separateIndices, n));
            }
        }

        if (keys.Count == 0 || columns == 0)
        {
            throw new RefusalException($"{path} holds {keys.Count} rows of {columns} numbers, expected at least 1 of each; {TimmHint}.");
        }

        var classes = GivenClassNames(path, options, columns);
        if (order.Count == 0)
        {
            return AllRowsDescend(values, columns)
                ? throw new RefusalException($"{path} has every row sorted from the largest down and no index, so it cannot be told which number is of which class; {TimmHint}.")
                : new RawTable([.. keys], classes, [.. values], AreProbabilities(path, options, stem == "prob"));
        }

        return new RawTable([.. keys], classes, RestoreClassOrder(path, values, order, columns), AreProbabilities(path, options, stem == "prob"));
    }

    private static IEnumerable<DataField> SeparateColumns(DataField[] fields, string stem)
    {
        for (var i = 0; ; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{i}");
            if (Array.Find(fields, f => f.MaxRepetitionLevel == 0 && f.Name == name) is not { } field)
            {
                yield break;
            }

            yield return field;
        }
    }

    private static async Task<double[]> ReadSeparateColumns(string path, ParquetRowGroupReader group, DataField[] fields, int rows)
    {
        var all = new double[rows * fields.Length];
        for (var c = 0; c < fields.Length; c++)
        {
            var column = await ReadNumbers(path, group, fields[c], rows);
            for (var i = 0; i < rows; i++)
            {
                all[(i * fields.Length) + c] = column.Values[i];
            }
        }

        return all;
    }

    private static async Task<(double[] Values, int Width)> ReadLists(string path, ParquetRowGroupReader group, DataField field, int rows)
    {
        var count = checked((int)(group.GetMetadata(field)?.MetaData?.NumValues ?? 0));
        var (values, repetitions) = await ReadNumbers(path, group, field, count);
        var width = count / rows;
        for (var i = 0; i < count; i++)
        {
            if (count % rows != 0 || (repetitions[i] == 0) != (i % width == 0))
            {
                throw new RefusalException($"{path} has lists of {field.Path.FirstPart} of different lengths, expected one number a class in every row; {TimmHint}.");
            }
        }

        return (values, width);
    }

    private static async Task<(double[] Values, int[] Repetitions)> ReadNumbers(string path, ParquetRowGroupReader group, DataField field, int count)
    {
        var (definitions, repetitions) = (new int[count], new int[count]);
        async Task<double[]> As<T>()
            where T : unmanaged, System.Numerics.INumberBase<T>
        {
            var values = new T[count];
            await group.ReadRawAsync(
                field, values.AsMemory(), field.MaxDefinitionLevel > 0 ? definitions.AsMemory() : default(Memory<int>?), field.MaxRepetitionLevel > 0 ? repetitions.AsMemory() : default(Memory<int>?), CancellationToken.None);
            return [.. values.Select(double.CreateChecked)];
        }

        var numbers = field.ClrType switch
        {
            var t when t == typeof(float) => await As<float>(),
            var t when t == typeof(double) => await As<double>(),
            var t when t == typeof(long) => await As<long>(),
            var t when t == typeof(int) => await As<int>(),
            var t => throw new RefusalException($"{path} has numbers of type {t.Name} in {field.Path.FirstPart}, expected float32 or float64; {TimmHint}."),
        };
        return field.MaxDefinitionLevel == 0 || definitions.AsSpan().IndexOfAnyExcept(field.MaxDefinitionLevel) < 0
            ? (numbers, repetitions)
            : throw new RefusalException($"{path} has a missing number in {field.Path.FirstPart}, expected one a class in every row; {TimmHint}.");
    }

    /// <summary>Whether all rows fall from the first number to the last, as the outputs of <c>--topk</c> do.</summary>
    private static bool AllRowsDescend(List<double> values, int columns)
    {
        for (var i = 1; i < values.Count; i++)
        {
            if (i % columns != 0 && values[i] > values[i - 1])
            {
                return false;
            }
        }

        // Of two classes and few rows that may be chance, and then it is refused all the same: to be sure is cheap.
        return columns > 1;
    }

    private static double[] RestoreClassOrder(string path, List<double> values, List<double> order, int columns)
    {
        if (order.Count != values.Count)
        {
            throw new RefusalException($"{path} has {order.Count} indices for {values.Count} numbers, expected as many; {TimmHint}.");
        }

        var placed = new double[values.Count];
        Array.Fill(placed, double.NaN);
        for (var i = 0; i < placed.Length; i++)
        {
            var at = order[i] is var c && c >= 0 && c < columns ? (i / columns * columns) + (int)c : -1;
            if (at < 0 || !double.IsNaN(placed[at]))
            {
                throw new RefusalException($"{path} has the index {order[i]} {(at < 0 ? $"among {columns}" : "twice in a row")}, expected every class once in each row; {TimmHint}.");
            }

            placed[at] = values[i];
        }

        return placed;
    }

    // Parquet.Net calls the type of a UTF-8 column by its storage, ReadOnlyMemory<char>.
    private static Type Kind(DataField field) => field.ClrType == typeof(ReadOnlyMemory<char>) ? typeof(string) : field.ClrType;
}

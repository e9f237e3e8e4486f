using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Learning.Parity;

namespace SketchFlow.Pipeline.Bench;

/// <summary>A table of the rates of architectures.</summary>
public sealed record ZooTable
{
    /// <summary>Rows in the order of measurement.</summary>
    public ImmutableArray<ZooRow> Rows { get; init; } = [];

    /// <summary>Whether the table has the column of differences from timm.</summary>
    public bool HasErrors { get; init; }

    /// <summary>Conditions of the measurement, a sentence below the table.</summary>
    public string Conditions { get; init; } = "";

    /// <summary>Column headings.</summary>
    public ImmutableArray<string> Head =>
    [
        "architecture", "px", "parameters, M", "GMACs", "batch", .. HasErrors ? ["error"] : Array.Empty<string>(),
        "infer float32", "infer bf16", "train float32", "train bf16",
    ];

    /// <summary>Formats the cells of a row for readers.</summary>
    public ImmutableArray<string> Cells(ZooRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        string[] error = HasErrors ? [Error(row)] : [];
        return
        [
            row.Model, Text(row.InputSize, "0"), Text(row.Parameters / 1e6, "0.00"), Text(row.MultiplyAdds / 1e9, "0.00"), Text(row.Batch, "0"), .. error,
            row.Infer.ToString(), row.InferBFloat16.ToString(), row.Train.ToString(), row.TrainBFloat16.ToString(),
        ];

        static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

        static string Error(ZooRow row) => row.Error is { } error ? Text(error, "0.0e0") + (row.Agrees ? "" : " DIFFERS") : "-";
    }

    /// <summary>Formats the table as Markdown, with numbers aligned to the right.</summary>
    public string Markdown() =>
        $"{MarkdownTable.Write(Head, Rows.Select(row => Cells(row).SetItem(0, $"`{row.Model}`").AsEnumerable()), numbers: true)}\n{Conditions}\n";

    /// <summary>Formats the table as CSV with all digits. Cells without a measurement are empty; the last column states the reasons.</summary>
    public string Csv() => CsvFile.Text(Rows.Select(CsvRow.From));

    /// <summary>Reads the complete rows of an earlier, interrupted table; returns none if it does not exist or was measured under other conditions.</summary>
    /// <param name="markdown">Path of the file with the text of <see cref="Markdown"/>, whose last line states the conditions.</param>
    /// <param name="csv">Path of the file with the text of <see cref="Csv"/>.</param>
    /// <param name="conditions">Conditions of the present table.</param>
    public static ImmutableArray<ZooRow> Read(string markdown, string csv, string conditions)
    {
        if (!File.Exists(markdown) || !File.Exists(csv) || !string.Equals(File.ReadLines(markdown).LastOrDefault(), conditions, StringComparison.Ordinal))
        {
            return [];
        }

        try
        {
            using var text = new StreamReader(csv);
            using var reader = new CsvReader(text, CsvFile.Format);

            // Rows with omissions are measured again: memory may be available now.
            return [.. reader.GetRecords<CsvRow>().ToList().Where(row => row.left_out.Length == 0).Select(row => row.ToZooRow())];
        }
        catch (CsvHelperException)
        {
            return [];
        }
    }

    /// <summary>Lists the measurements that are missing from a row and the reasons; empty if it is complete.</summary>
    public static string Omissions(ZooRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        (string Name, ZooRate Rate)[] rates =
        [
            ("infer float32", row.Infer), ("infer bf16", row.InferBFloat16), ("train float32", row.Train), ("train bf16", row.TrainBFloat16),
        ];
        return string.Join("; ", rates.Where(r => r.Rate.Reason is not null).Select(r => $"{r.Name}: {r.Rate.Reason}"));
    }

    /// <summary>A row of the CSV file; the names of the properties are those of the columns.</summary>
    private sealed record CsvRow
    {
        public string model { get; init; } = "";

        public int input_size { get; init; }

        public long parameters { get; init; }

        public long macs { get; init; }

        public int batch { get; init; }

        public double? error { get; init; }

        public double? infer { get; init; }

        public double? infer_bf16 { get; init; }

        public double? train { get; init; }

        public double? train_bf16 { get; init; }

        public string left_out { get; init; } = "";

        public static CsvRow From(ZooRow row) => new()
        {
            model = row.Model,
            input_size = row.InputSize,
            parameters = row.Parameters,
            macs = row.MultiplyAdds,
            batch = row.Batch,
            error = row.Error,
            infer = row.Infer.ImagesPerSecond,
            infer_bf16 = row.InferBFloat16.ImagesPerSecond,
            train = row.Train.ImagesPerSecond,
            train_bf16 = row.TrainBFloat16.ImagesPerSecond,
            left_out = Omissions(row),
        };

        public ZooRow ToZooRow() => new(model)
        {
            InputSize = input_size,
            Parameters = parameters,
            MultiplyAdds = macs,
            Batch = batch,
            Error = error,
            Agrees = error is null or <= ParityResult.Tolerance,
            Infer = new(infer),
            InferBFloat16 = new(infer_bf16),
            Train = new(train),
            TrainBFloat16 = new(train_bf16),
        };
    }
}

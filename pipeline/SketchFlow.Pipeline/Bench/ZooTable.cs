using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Learning.Models.Parity;

namespace SketchFlow.Pipeline.Bench;

/// <summary>The rates of architectures beside each other.</summary>
public sealed record ZooTable
{
    /// <summary>In the order measured.</summary>
    public ImmutableArray<ZooRow> Rows { get; init; } = [];

    /// <summary>Whether the column of differences from timm is there.</summary>
    public bool HasErrors { get; init; }

    /// <summary>What was measured with: a sentence under the table.</summary>
    public string Conditions { get; init; } = "";

    /// <summary>Heads of the columns.</summary>
    public ImmutableArray<string> Head =>
    [
        "architecture", "px", "parameters, M", "GMACs", "batch", .. HasErrors ? ["error"] : Array.Empty<string>(),
        "infer float32", "infer bf16", "train float32", "train bf16",
    ];

    /// <summary>A row's cells, as people read them.</summary>
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

        static string Error(ZooRow row) => row.Error is not { } error ? "-" : row.Agrees ? error.ToString("0.0e0", CultureInfo.InvariantCulture) : $"{error.ToString("0.0e0", CultureInfo.InvariantCulture)} DIFFERS";
    }

    /// <summary>The table for a page; numbers to the right.</summary>
    public string Markdown() =>
        $"{MarkdownTable.Write(Head, Rows.Select(row => Cells(row).SetItem(0, $"`{row.Model}`").AsEnumerable()), numbers: true)}\n{Conditions}\n";

    /// <summary>The same with full digits; empty where nothing was measured, and why in the last column.</summary>
    public string Csv() => CsvFile.Text(Rows.Select(r => new Line(
        r.Model, r.InputSize, r.Parameters, r.MultiplyAdds, r.Batch, r.Error,
        r.Infer.ImagesPerSecond, r.InferBFloat16.ImagesPerSecond, r.Train.ImagesPerSecond, r.TrainBFloat16.ImagesPerSecond, LeftOut(r))));

    /// <summary>The rows that an earlier, interrupted table has whole; none where it was measured under other conditions, or there is none.</summary>
    /// <param name="markdown">The table as <see cref="Markdown"/> gave it: its last line says what was measured with.</param>
    /// <param name="csv">The same as <see cref="Csv"/> gave it.</param>
    /// <param name="conditions">Those of this table.</param>
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

            // What was left out may find memory now.
            return
            [
                .. reader.GetRecords<Line>().ToList().Where(l => l.left_out.Length == 0).Select(l => new ZooRow(l.model)
                {
                    InputSize = l.input_size,
                    Parameters = l.parameters,
                    MultiplyAdds = l.macs,
                    Batch = l.batch,
                    Error = l.error,
                    Agrees = l.error is null or <= SketchFlow.Learning.Models.Parity.ParityResult.Tolerance,
                    Infer = new(l.infer),
                    InferBFloat16 = new(l.infer_bf16),
                    Train = new(l.train),
                    TrainBFloat16 = new(l.train_bf16),
                }),
            ];
        }
        catch (CsvHelperException)
        {
            return [];
        }
    }

    /// <summary>What was not measured of a row, and why; empty where all was.</summary>
    public static string LeftOut(ZooRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        (string What, ZooRate Rate)[] all = [("infer float32", row.Infer), ("infer bf16", row.InferBFloat16), ("train float32", row.Train), ("train bf16", row.TrainBFloat16)];
        return string.Join("; ", all.Where(c => c.Rate.Reason is not null).Select(c => $"{c.What}: {c.Rate.Reason}"));
    }

    // The names of the columns.
    private sealed record Line(
        string model, int input_size, long parameters, long macs, int batch, double? error,
        double? infer, double? infer_bf16, double? train, double? train_bf16, string left_out);
}

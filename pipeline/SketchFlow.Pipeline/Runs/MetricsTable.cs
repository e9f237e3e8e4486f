using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The measurements of a run as named numbers: the columns of <c>metrics.csv</c> and <c>timing.csv</c>, one row per epoch.</summary>
/// <param name="Columns">Names of the columns, among them <c>epoch</c>.</param>
/// <param name="Rows">One row per epoch, one value per column; NaN where a cell holds no number.</param>
public sealed record MetricsTable(ImmutableArray<string> Columns, ImmutableArray<double[]> Rows)
{
    /// <summary>Name of the column with the number of the epoch, from 1.</summary>
    public const string Epoch = "epoch";

    /// <summary>A table without rows and columns.</summary>
    public static MetricsTable Empty { get; } = new([], []);

    /// <summary>Creates the table that <see cref="ReadRun"/> would read after these rows were written.</summary>
    /// <param name="metrics">The metrics of each epoch.</param>
    /// <param name="timings">The timings of the epochs; an epoch may have none.</param>
    public static MetricsTable From(IEnumerable<EpochMetrics> metrics, IEnumerable<EpochTiming> timings) =>
        new MetricsTable(EpochMetrics.Columns, [.. metrics.Select(m => m.ToNumbers())])
            .Join(new MetricsTable(EpochTiming.Columns, [.. timings.Select(t => t.ToNumbers())]));

    /// <summary>Reads all measurements of a run: the columns of <c>metrics.csv</c>, and those of <c>timing.csv</c> for the epochs that it holds.</summary>
    /// <exception cref="RefusalException">A file has no <c>epoch</c> column.</exception>
    public static MetricsTable ReadRun(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Read(folder.Metrics).Join(Read(folder.Timing));
    }

    /// <summary>Reads one file; a missing or empty file gives a table without rows.</summary>
    /// <exception cref="RefusalException">The file has no <c>epoch</c> column.</exception>
    public static MetricsTable Read(string path)
    {
        if (!File.Exists(path))
        {
            return Empty;
        }

        // A stray quotation mark is kept as it is: a cell without a number counts as empty.
        using var text = new StreamReader(path);
        using var csv = new CsvReader(text, CsvFile.FormatOf(path));
        if (!csv.Read() || !csv.ReadHeader())
        {
            return Empty;
        }

        ImmutableArray<string> columns = [.. csv.HeaderRecord!];
        if (!columns.Contains(Epoch))
        {
            throw new RefusalException(
                $"{path} has the columns {string.Join(", ", columns)}, expected {Epoch} among them, as in the metrics.csv of a run.");
        }

        var rows = ImmutableArray.CreateBuilder<double[]>();
        while (csv.Read())
        {
            // All cells together: TryGetField took 0.7 ms for each cell that a row of 15,000 columns did not have.
            var cells = csv.Parser.Record ?? [];
            rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => Number(i < cells.Length ? cells[i] : null))]);
        }

        return new MetricsTable(columns, rows.ToImmutable());
    }

    /// <summary>The epoch of a row.</summary>
    public int EpochOf(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return (int)row[Columns.IndexOf(Epoch)];
    }

    /// <summary>The values of a column; null when there is no such column.</summary>
    public double[]? Column(string name) => Columns.IndexOf(name) is var index and >= 0 ? [.. Rows.Select(r => r[index])] : null;

    /// <summary>The named numbers of a row, without its epoch and without empty cells.</summary>
    public IEnumerable<(string Name, double Value)> Values(double[] row) =>
        Columns.Select((name, i) => (Name: name, Value: row[i])).Where(v => v.Name != Epoch && !double.IsNaN(v.Value));

    // Appends the columns of another table, by epoch; for an epoch that occurs twice there, the last row counts.
    private MetricsTable Join(MetricsTable other)
    {
        if (other.Rows.IsEmpty)
        {
            return this;
        }

        var byEpoch = other.Rows.GroupBy(other.EpochOf).ToDictionary(g => g.Key, g => g.Last());
        int[] added = [.. Enumerable.Range(0, other.Columns.Length).Where(c => !Columns.Contains(other.Columns[c]))];
        return new MetricsTable(
            [.. Columns, .. added.Select(c => other.Columns[c])],
            [.. Rows.Select(row => (double[])[.. row, .. added.Select(c => byEpoch.TryGetValue(EpochOf(row), out var found) ? found[c] : double.NaN)])]);
    }

    private static double Number(string? cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
}

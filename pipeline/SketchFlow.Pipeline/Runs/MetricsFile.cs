using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary><c>metrics.csv</c> as numbers: what trackers send and <c>sketchflow runs</c> shows. Columns are whatever the file has.</summary>
/// <param name="Columns">Names of the columns, <c>epoch</c> first.</param>
/// <param name="Rows">One an epoch, a value a column; NaN where a cell holds no number.</param>
public sealed record MetricsFile(ImmutableArray<string> Columns, ImmutableArray<double[]> Rows)
{
    /// <summary>The column that counts epochs, from 1.</summary>
    public const string Epoch = "epoch";

    /// <summary>No rows and no columns.</summary>
    public static MetricsFile Empty { get; } = new([], []);

    /// <summary>All numbers of a run's epochs: the columns of <c>metrics.csv</c>, and those of <c>timing.csv</c> where it has the epoch.</summary>
    /// <exception cref="RefusalException">A file has no <c>epoch</c> column.</exception>
    public static MetricsFile In(RunFolder folder)
    {
        var (metrics, timing) = (Read(folder.Metrics), Read(folder.Timing));
        if (timing.Rows.IsEmpty)
        {
            return metrics;
        }

        var clock = timing.Rows.GroupBy(timing.EpochOf).ToDictionary(g => g.Key, g => g.Last());
        int[] more = [.. Enumerable.Range(0, timing.Columns.Length).Where(c => !metrics.Columns.Contains(timing.Columns[c]))];
        return new MetricsFile(
            [.. metrics.Columns, .. more.Select(c => timing.Columns[c])],
            [.. metrics.Rows.Select(row => (double[])[.. row, .. more.Select(c => clock.TryGetValue(metrics.EpochOf(row), out var said) ? said[c] : double.NaN)])]);
    }

    /// <summary>Reads the file; a missing or empty one has no rows.</summary>
    /// <exception cref="RefusalException">The file has no <c>epoch</c> column.</exception>
    public static MetricsFile Read(string path)
    {
        if (!File.Exists(path))
        {
            return Empty;
        }

        using var text = new StreamReader(path);
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        if (!csv.Read() || !csv.ReadHeader())
        {
            return Empty;
        }

        ImmutableArray<string> columns = [.. csv.HeaderRecord!];
        if (!columns.Contains(Epoch))
        {
            throw new RefusalException($"{path} has the columns {string.Join(", ", columns)}, expected {Epoch} among them; it is no metrics.csv of a run.");
        }

        var rows = ImmutableArray.CreateBuilder<double[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, columns.Length).Select(i => Number(csv.TryGetField<string>(i, out var cell) ? cell : null))]);
        }

        return new MetricsFile(columns, rows.ToImmutable());
    }

    /// <summary>The epoch of a row.</summary>
    public int EpochOf(double[] row) => (int)row[Columns.IndexOf(Epoch)];

    /// <summary>The values of a column; null where there is no such column.</summary>
    public double[]? Column(string name) => Columns.IndexOf(name) is var at and >= 0 ? [.. Rows.Select(r => r[at])] : null;

    /// <summary>The named numbers of a row, without its epoch and without cells that hold none.</summary>
    public IEnumerable<(string Name, double Value)> Values(double[] row) =>
        Columns.Select((name, i) => (Name: name, Value: row[i])).Where(v => v.Name != Epoch && !double.IsNaN(v.Value));

    private static double Number(string? cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
}

using System.Globalization;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Values of the columns of <c>metrics.csv</c> and <c>timing.csv</c> for readers: shares as percent. Files and JSON keep fractions.</summary>
public static class MetricText
{
    private static readonly string[] _shares = ["accuracy", "top5", "macro_f1", "share"];

    /// <summary>Whether a column holds a share.</summary>
    public static bool IsShare(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.StartsWith("recall_", StringComparison.Ordinal) || Array.Exists(_shares, s => column.EndsWith(s, StringComparison.Ordinal));
    }

    /// <summary>Formats a value of a column.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="value">The value.</param>
    /// <param name="format">Number format of a column that holds no share.</param>
    public static string Of(string column, double value, string format = "0.####") =>
        IsShare(column) ? Percent.Text(value)
        : value.ToString(column.EndsWith("loss", StringComparison.Ordinal) ? "0.0000" : format, CultureInfo.InvariantCulture);

    /// <summary>Formats the difference of two values of a column, shares in percentage points.</summary>
    public static string Difference(string column, double difference) => IsShare(column)
        ? $"{Percent.Points(difference)} points"
        : difference.ToString("+0.####;-0.####;0", CultureInfo.InvariantCulture);
}

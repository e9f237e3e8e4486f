using System.Globalization;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Values of the columns of <c>metrics.csv</c> and <c>timing.csv</c> for readers: shares as percent. Files and JSON keep fractions.</summary>
public static class MetricText
{
    private const string RateColumn = "images_per_second";
    private const string EpochRateColumn = "learning_rate";

    private static readonly string[] _shares = ["accuracy", "top5", "macro_f1", "share"];

    // What people look at first; other columns are between validation and training, in alphabetical order.
    private static readonly string[] _first = ["val_accuracy", "val_loss", "val_top5", "val_macro_f1"];

    private static readonly string[] _last =
    [
        "train_accuracy", "train_loss", EpochRateColumn, "skipped_steps", "train_seconds", "val_seconds", RateColumn, "data_wait_share",
    ];

    /// <summary>Returns the name of a column for a table of one epoch: the learning rate there is not the setting.</summary>
    public static string Label(string column) => column == EpochRateColumn ? "learning_rate (last step)" : column;

    /// <summary>Sorts columns for readers: validation, training, speed.</summary>
    public static IReadOnlyList<string> Sorted(IEnumerable<string> columns) =>
    [
        .. columns.OrderBy(c => Array.IndexOf(_first, c) is >= 0 and var i ? i : _first.Length + 1 + Array.IndexOf(_last, c))
            .ThenBy(c => c, StringComparer.Ordinal),
    ];

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
        : IsSeconds(column) ? value.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : column == RateColumn ? value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)
        : column == EpochRateColumn && value != 0 ? value.ToString("0.0##e0", CultureInfo.InvariantCulture)
        : value.ToString(column.EndsWith("loss", StringComparison.Ordinal) ? "0.0000" : format, CultureInfo.InvariantCulture);

    /// <summary>Formats the difference of two values of a column, shares in percentage points.</summary>
    public static string Difference(string column, double difference) => IsShare(column)
        ? $"{Percent.Points(difference)} points"
        : IsSeconds(column) ? difference.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " s"
        : column == RateColumn ? difference.ToString("+0;-0;0", CultureInfo.InvariantCulture)
        : column == EpochRateColumn && difference != 0 ? difference.ToString("+0.0##e0;-0.0##e0", CultureInfo.InvariantCulture)
        : difference.ToString(
            column.EndsWith("loss", StringComparison.Ordinal) ? "+0.0000;-0.0000;0.0000" : "+0.####;-0.####;0", CultureInfo.InvariantCulture);

    /// <summary>Formats the difference of two values of a column and says whether it is better or worse, where a validation metric has a better side.</summary>
    public static string Judged(string column, double difference)
    {
        ArgumentNullException.ThrowIfNull(column);
        var isLoss = column.EndsWith("loss", StringComparison.Ordinal);
        var text = Difference(column, difference);
        return difference == 0 || !column.StartsWith("val_", StringComparison.Ordinal) || !(isLoss || IsShare(column)) ? text
            : $"{text} ({(isLoss == difference < 0 ? "better" : "worse")})";
    }

    private static bool IsSeconds(string column) => column.EndsWith("_seconds", StringComparison.Ordinal);
}

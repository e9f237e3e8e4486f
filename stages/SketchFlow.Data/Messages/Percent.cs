using System.Globalization;

namespace SketchFlow.Data.Messages;

/// <summary>Formats shares for readers: percent with two digits. Files and JSON keep fractions.</summary>
public static class Percent
{
    /// <summary>Formats a share as percent.</summary>
    /// <param name="share">The share, such as 0.7123.</param>
    /// <returns>Such as <c>71.23 %</c>; a dash where there is none.</returns>
    public static string Text(double? share) =>
        share is { } number && !double.IsNaN(number) ? string.Create(CultureInfo.InvariantCulture, $"{100 * number:0.00} %") : "-";

    /// <summary>Formats the two ends of an interval of shares.</summary>
    /// <returns>Such as <c>69.10 to 73.05 %</c>.</returns>
    public static string Range(double low, double high) => string.Create(CultureInfo.InvariantCulture, $"{100 * low:0.00} to {100 * high:0.00} %");

    /// <summary>Formats the difference of two shares in percentage points, with its sign.</summary>
    /// <returns>Such as <c>+1.25</c>.</returns>
    public static string Points(double difference) => string.Create(CultureInfo.InvariantCulture, $"{100 * difference:+0.00;-0.00;0.00}");
}

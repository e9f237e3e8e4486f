using System.Globalization;

namespace SketchFlow.Data.Competitions;

/// <summary>Whole numbers as tables write them.</summary>
internal static class WholeNumbers
{
    /// <summary>Reads a number, whole or not: spreadsheets and pandas write 3 as 3.0 if another row has none; those of many countries write 3,0.</summary>
    /// <param name="text">The field.</param>
    /// <param name="separator">Separator of the table, between whose fields a comma is no decimal point.</param>
    /// <param name="number">The number.</param>
    public static bool TryParse(string text, string separator, out decimal number) => decimal.TryParse(
        separator == "," ? text : text.Replace(',', '.'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
        CultureInfo.InvariantCulture, out number);

    /// <summary>Returns the usual digits of a whole number; null for other text, and for numbers with zeros before them, which are names.</summary>
    /// <param name="text">The field.</param>
    /// <param name="separator">Separator of the table.</param>
    public static string? Digits(string text, string separator) =>
        TryParse(text, separator, out var number) && number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue && !HasLeadingZero(text)
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : null;

    private static bool HasLeadingZero(string text) => text.TrimStart('-', '+') is ['0', >= '0' and <= '9', ..];
}

using System.Globalization;

namespace SketchFlow.Data.Messages;

/// <summary>Numbers with their nouns.</summary>
public static class Plural
{
    /// <summary>Formats a number with its noun, such as <c>1 image</c> or <c>2,400 images</c>.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The noun, or the noun and its verb, for one.</param>
    /// <param name="many">The same for any other number; null adds an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");
}

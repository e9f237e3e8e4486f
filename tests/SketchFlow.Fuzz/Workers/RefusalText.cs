using System.Text.RegularExpressions;

namespace SketchFlow.Fuzz.Workers;

/// <summary>Finds what no sentence for a user may have.</summary>
internal static partial class RefusalText
{
    /// <summary>Returns the fault of a sentence; null if it has none.</summary>
    public static string? FindFault(string text) =>
        string.IsNullOrWhiteSpace(text) ? "the refusal has no text"
        : RawType().IsMatch(text) ? "the refusal names a type of .NET"
        : null;

    [GeneratedRegex(
        @"\b[A-Za-z]+Exception\b|\bSystem\.[A-Z]|\n\s+at |Object reference not set|Index was outside|Nullable object must|Sequence contains no"
        + "|given key .* was not present|Specified argument was out|Value cannot be null",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex RawType();
}

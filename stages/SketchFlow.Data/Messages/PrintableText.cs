using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SketchFlow.Data.Messages;

/// <summary>
/// Text that came from files, archives and servers, made harmless for a terminal, a page or a log: every message and every rejection passes through it.
/// </summary>
public static class PrintableText
{
    /// <summary>Number of UTF-16 units that a message may have.</summary>
    public const int MaxMessage = 4000;

    /// <summary>Number of UTF-16 units that a quoted value may have within a message.</summary>
    public const int MaxValue = 300;

    private const char Replacement = '\uFFFD';

    // Control characters (C0 without tab and line feed, DEL, C1), line and paragraph separators, and the characters that reorder or hide text.
    private static readonly SearchValues<char> Harmful = SearchValues.Create([.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(IsHarmful)]);

    /// <summary>Replaces control characters and lone surrogates, so that text cannot move the cursor, change colours or reorder a line.</summary>
    /// <param name="text">The text; line breaks and tabs are kept.</param>
    /// <returns>The same string if nothing had to be replaced.</returns>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAny(Harmful) ? Replace(text) : text;
    }

    /// <summary>Cleans a text and cuts it, with an ellipsis at the cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Largest number of UTF-16 units of the result.</param>
    public static string Clean(string text, int length) => Cut(Clean(text), length);

    /// <summary>Cleans the name or the value of one line: line breaks and tabs are replaced as well.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Largest number of UTF-16 units of the result.</param>
    public static string Line(string text, int length = MaxValue) =>
        Clean(Cut(text, length)).ReplaceLineEndings(Replacement.ToString()).Replace('\t', ' ');

    /// <summary>Returns the message of an exception as a clause: on one line, cleaned, cut and without a full stop.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="length">Largest number of UTF-16 units of the result.</param>
    public static string Reason(Exception error, int length = MaxValue)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Line(error is JsonException json ? JsonFault.Describe(json) : error.Message, length).TrimEnd('.', ' ');
    }

    private static string Cut(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= length)
        {
            return text;
        }

        // A surrogate pair is not cut in half.
        var end = length - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }

    private static string Replace(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else if (c != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                clean.Append(IsHarmful(c) ? Replacement : c);
            }
        }

        return clean.ToString();
    }

    private static bool IsHarmful(char c) => (char.IsControl(c) && c is not ('\n' or '\t'))
        || char.IsSurrogate(c)
        || c is '\u2028' or '\u2029' or '\uFEFF' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}

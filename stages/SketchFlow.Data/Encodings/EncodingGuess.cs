using System.Buffers;
using System.Text;
using UtfUnknown;

namespace SketchFlow.Data.Encodings;

/// <summary>Guesses the encoding of text that is not UTF-8, for messages and suggestions; nothing is decoded by a guess.</summary>
public static class EncodingGuess
{
    // The detector counts letters, and needs some hundred of them to be sure of one.
    private const int UsualLength = 2048;
    private const int MaxLength = 1 << 16;

    // The second byte of a character in an encoding of East Asia is never one of these.
    private static readonly SearchValues<byte> _betweenWords = SearchValues.Create(",;\t\r\n/\""u8);

    // Subsets, by the name of the larger set that programs write under their names.
    private static readonly Dictionary<string, string> _supersets = new(StringComparer.OrdinalIgnoreCase)
    {
        ["iso-8859-1"] = "windows-1252",
        ["ascii"] = "windows-1252",
        ["iso-8859-9"] = "windows-1254",
        ["euc-kr"] = "cp949",
        ["ks_c_5601-1987"] = "cp949",
        ["tis-620"] = "windows-874",
        ["iso-8859-11"] = "windows-874",
        ["shift-jis"] = "shift_jis",
        ["gb2312"] = "gb18030",
        ["hz-gb-2312"] = "gb18030",
        ["ibm866"] = "cp866",
        ["ibm850"] = "cp850",
        ["ibm852"] = "cp852",
        ["ibm855"] = "cp855",
    };

    /// <summary>Guesses the encoding of bytes.</summary>
    /// <param name="bytes">Text that is not UTF-8, of any length; its start is enough.</param>
    /// <returns>A name for <see cref="TextEncodings.Find"/> in which the bytes are text; null where none is likely.</returns>
    public static string? Find(ReadOnlySpan<byte> bytes)
    {
        if (Utf16(bytes[..Math.Min(bytes.Length, MaxLength)]) is { } utf16)
        {
            return utf16;
        }

        var words = ForeignWords(bytes);
        return words.Length == 0 ? null : CharsetDetector.DetectFromBytes(words).Details
            .Select(d => _supersets.GetValueOrDefault(d.EncodingName, d.EncodingName))
            .FirstOrDefault(name => IsPossible(name, words));
    }

    /// <summary>Returns the bytes of a text with the encoding that they are probably in, as the end of a sentence.</summary>
    /// <param name="bytes">Text that is not UTF-8.</param>
    /// <returns>A clause such as <c>perhaps cp949</c>, or <c>of an encoding that could not be recognised</c>.</returns>
    public static string Describe(ReadOnlySpan<byte> bytes) => Find(bytes) is { } name ? $"perhaps {name}" : "of an encoding that could not be recognised";

    private static bool IsPossible(string name, byte[] words)
    {
        try
        {
            var encoding = TextEncodings.Find(name);
            return encoding.CodePage is not (65001 or 20127) && TextEncodings.CanDecode(words, encoding);
        }
        catch (Outcomes.UsageException)
        {
            return false;
        }
    }

    // UTF-16 of Western text has a zero in every second byte.
    private static string? Utf16(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            (even, odd) = bytes[i] != 0 ? (even, odd) : i % 2 == 0 ? (even + 1, odd) : (even, odd + 1);
        }

        return Math.Max(even, odd) < bytes.Length / 8 || Math.Max(even, odd) < 2 ? null : odd > even ? "utf-16" : "utf-16BE";
    }

    /// <summary>Extracts the words that are not ASCII, each on its line, repeated until the detector has enough of them.</summary>
    private static byte[] ForeignWords(ReadOnlySpan<byte> bytes)
    {
        var words = new List<byte>();
        while (!bytes.IsEmpty && words.Count < MaxLength)
        {
            var end = bytes.IndexOfAny(_betweenWords);
            var word = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            if (!Ascii.IsValid(word))
            {
                words.AddRange(word);
                words.Add((byte)'\n');
            }
        }

        var once = words.ToArray();
        while (once.Length > 0 && words.Count < UsualLength)
        {
            words.AddRange(once);
        }

        return [.. words];
    }
}

using System.Globalization;
using System.Text;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Encodings;

/// <summary>Encodings of text from elsewhere, by name. All of them refuse bytes that are no text in them, so that two names never become one.</summary>
public static class TextEncodings
{
    // Names that other programs use and .NET does not know.
    private static readonly Dictionary<string, int> _aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["uhc"] = 949,
        ["ms949"] = 949,
        ["euckr"] = 949,
        ["euc-kr"] = 949,
        ["sjis"] = 932,
        ["shiftjis"] = 932,
        ["ms932"] = 932,
        ["eucjp"] = 51932,
        ["latin1"] = 1252,
        ["latin-1"] = 1252,
        ["iso-8859-1"] = 1252,
        ["ansi"] = 1252,
        ["gbk"] = 54936,
        ["gb2312"] = 54936,
        ["utf8"] = 65001,
        ["utf-8-sig"] = 65001,
        ["utf16"] = 1200,
        ["utf-16le"] = 1200,
        ["utf16le"] = 1200,
        ["utf16be"] = 1201,
        ["mac"] = 10000,
    };

    private static readonly string[] _known =
    [
        "utf-8", "utf-16", "utf-16be", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
        "windows-874", "iso-8859-2", "iso-8859-15", "koi8-r", "cp437", "cp850", "cp866", "cp932", "cp949", "big5", "gb18030", "euc-jp", "macintosh",
    ];

    static TextEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>UTF-8 that refuses other bytes.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Finds an encoding by its name or the number of its code page.</summary>
    /// <param name="name">Name such as <c>windows-1252</c>, <c>cp949</c>, <c>shift_jis</c> or <c>latin1</c>, in any case.</param>
    /// <exception cref="UsageException">There is no such encoding.</exception>
    public static Encoding Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var given = name.Trim();
        try
        {
            var encoding = CodePage(given) is { } page ? Encoding.GetEncoding(page) : Encoding.GetEncoding(given);
            return encoding.CodePage == Encoding.UTF8.CodePage
                ? Utf8
                : Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new UsageException(
                $"There is no encoding '{given}'{Spelling.DidYouMean(given, _known)}; expected a name "
                + "such as utf-8, windows-1252, shift_jis, cp949 or gb18030.", e);
        }
    }

    /// <summary>Returns true for bytes that are text in an encoding.</summary>
    /// <param name="bytes">The bytes, from the start of a text to its end.</param>
    /// <param name="encoding">An encoding from here.</param>
    public static bool CanDecode(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        try
        {
            _ = encoding.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static int? CodePage(string name)
    {
        if (_aliases.TryGetValue(name, out var page))
        {
            return page;
        }

        foreach (var prefix in (string[])["cp", "ms", "ibm", "windows-", "windows", ""])
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out page))
            {
                return page;
            }
        }

        return null;
    }
}

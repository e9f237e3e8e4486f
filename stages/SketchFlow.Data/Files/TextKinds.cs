using System.Text;
using System.Text.Unicode;

namespace SketchFlow.Data.Files;

/// <summary>The kinds of text files, recognised by how they begin.</summary>
internal static class TextKinds
{
    private static readonly FileKind Page = new("an HTML page") { Remedy = "the address gave a web page, download the file itself" };

    /// <summary>Finds the kind of a text; null where the bytes are no text.</summary>
    public static FileKind? Find(ReadOnlySpan<byte> start)
    {
        if (Decode(start) is not { } text)
        {
            return null;
        }

        var content = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n', '\f');
        if (Begins(content, "version https://git-lfs") || Begins(content, "version http://git-media") || Begins(content, "version https://hawser"))
        {
            return new FileKind("a Git LFS pointer") { Remedy = "run git lfs pull, or download the file itself" };
        }

        if (Begins(content, "<"))
        {
            return Markup(content);
        }

        if (Begins(content, "data:image/"))
        {
            return new FileKind("a data URI with the image in Base64") { Remedy = "decode the Base64 to a file" };
        }

        if (content is ['P', >= '1' and <= '7', ' ' or '\n' or '\r' or '\t', ..])
        {
            return Portable;
        }

        return new FileKind(content.Length == 0 ? "a file of spaces" : Begins(content, "{") ? "a JSON text" : "a text file");
    }

    private static FileKind Portable => new("a portable pixmap (PBM, PGM or PPM)") { IsImage = true };

    // Declarations, comments and the document type may precede the first element.
    private static FileKind Markup(string content)
    {
        var at = 0;
        while (at >= 0 && at < content.Length && content[at] == '<')
        {
            var rest = content.AsSpan(at);
            if (Begins(rest, "<svg") || Begins(rest, "<!doctype svg"))
            {
                return new FileKind("an SVG drawing") { IsImage = true };
            }

            if (IsPage(rest))
            {
                return Page;
            }

            var end = Begins(rest, "<!--") ? "-->" : Begins(rest, "<?") || Begins(rest, "<!") ? ">" : null;
            var found = end is null ? -1 : content.IndexOf(end, at, StringComparison.Ordinal);
            at = found < 0 ? -1 : found + end!.Length;
            while (at >= 0 && at < content.Length && char.IsWhiteSpace(content[at]))
            {
                at++;
            }
        }

        // Editors put entity declarations and prefixes before the drawing.
        return content.Contains("<svg", StringComparison.OrdinalIgnoreCase) || content.Contains(":svg", StringComparison.OrdinalIgnoreCase)
            ? new FileKind("an SVG drawing") { IsImage = true }
            : content.Contains("<html", StringComparison.OrdinalIgnoreCase) ? Page
            : new FileKind("an XML file");
    }

    private static bool IsPage(ReadOnlySpan<char> text) => Begins(text, "<!doctype html") || Begins(text, "<html") || Begins(text, "<head")
        || Begins(text, "<body") || Begins(text, "<script") || Begins(text, "<title") || Begins(text, "<meta") || Begins(text, "<div") || Begins(text, "<h1");

    private static bool Begins(ReadOnlySpan<char> text, string with) => text.StartsWith(with, StringComparison.OrdinalIgnoreCase);

    // UTF-8 without control characters, or UTF-16 with its mark. The end may cut a character in two.
    private static string? Decode(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            var wide = (start[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(start[2..(start.Length & ~1)]);
            return IsPlain(wide) ? wide : null;
        }

        var whole = start.Length;
        for (var back = 1; back <= Math.Min(3, start.Length); back++)
        {
            if (start[^back] >= 0xC0)
            {
                whole = start.Length - back;
                break;
            }
        }

        if (Utf8.IsValid(start[..whole]))
        {
            var text = Encoding.UTF8.GetString(start[..whole]);
            return IsPlain(text) ? text : null;
        }

        // Pages in older encodings are ASCII for the most part.
        var foreign = 0;
        foreach (var b in start)
        {
            foreign += b >= 0x80 ? 1 : 0;
        }

        var latin = Encoding.Latin1.GetString(start);
        return foreign <= start.Length / 10 && IsPlain(latin) ? latin : null;
    }

    private static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\0', '\x08')
        && !text.ContainsAnyInRange('\x0E', '\x1A') && !text.ContainsAnyInRange('\x1C', '\x1F') && !text.Contains('\x7F');
}

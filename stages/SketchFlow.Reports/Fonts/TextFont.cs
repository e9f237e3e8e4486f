using System.Globalization;
using System.Text;
using SketchFlow.Data.Messages;
using SkiaSharp;

namespace SketchFlow.Reports.Fonts;

/// <summary>A font that was chosen for some texts.</summary>
/// <param name="Name">Name under which ScottPlot finds the font.</param>
/// <param name="Regular">The regular typeface.</param>
/// <param name="Bold">The bold typeface, or the regular one of a font without bold letters.</param>
public sealed record TextFont(string Name, SKTypeface Regular, SKTypeface Bold)
{
    /// <summary>Whether the font has every letter of a text, so that none is drawn as a box.</summary>
    public bool CanDraw(string text) => !Lacking(Regular, LettersOf([text])).Any();

    /// <summary>Replaces control characters, and letters that the font lacks by question marks.</summary>
    public string Fit(string text)
    {
        var clean = PrintableText.Line(text);
        return CanDraw(clean) ? clean : Replace(clean);
    }

    /// <summary>Returns the space in pixels that the font has below its letters and the embedded font has not.</summary>
    /// <param name="size">Size of the font.</param>
    public float SpaceBelow(float size)
    {
        using SKFont own = new(Regular, size), embedded = new(ReportFonts.Regular, size);
        return Math.Max(0, own.Metrics.Bottom - embedded.Metrics.Bottom);
    }

    /// <summary>Shortens a text to a number of characters as readers count them, with an ellipsis at the cut.</summary>
    public static string Shorten(string text, int length)
    {
        var starts = StringInfo.ParseCombiningCharacters(text);
        return starts.Length <= length ? text : text[..starts[length - 1]] + "…";
    }

    /// <summary>Lists the different characters of texts, without spaces and characters that have no shape of their own.</summary>
    internal static HashSet<int> LettersOf(IEnumerable<string> texts) =>
        [.. texts.SelectMany(t => PrintableText.Line(t).EnumerateRunes()).Where(r => !HasNoShape(r)).Select(r => r.Value)];

    /// <summary>Returns whether a script's letters join or change their order: Hebrew, Arabic, those of South and South East Asia.</summary>
    internal static bool NeedsShaping(int character) =>
        character is (>= 0x0590 and <= 0x0FFF) or (>= 0x1780 and <= 0x17FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC);

    /// <summary>Lists the letters that a typeface lacks.</summary>
    internal static IEnumerable<int> Lacking(SKTypeface typeface, IEnumerable<int> letters)
    {
        using var font = new SKFont(typeface);
        foreach (var letter in letters)
        {
            if (!font.ContainsGlyph(letter))
            {
                yield return letter;
            }
        }
    }

    private string Replace(string text)
    {
        var lacking = Lacking(Regular, LettersOf([text])).ToHashSet();
        return string.Concat(text.EnumerateRunes().Select(r => lacking.Contains(r.Value) ? "?" : r.ToString()));
    }

    private static bool HasNoShape(Rune character) =>
        Rune.IsWhiteSpace(character) || Rune.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.Control
        || character.Value is >= 0xFE00 and <= 0xFE0F;
}

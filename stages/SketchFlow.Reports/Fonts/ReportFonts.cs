using System.Collections.Concurrent;
using ScottPlot;
using SkiaSharp;

namespace SketchFlow.Reports.Fonts;

/// <summary>
/// The fonts of all pictures: Inter 3.19 (SIL Open Font License, see OFL.txt), embedded in the assembly, and for letters that it lacks, such as
/// Chinese and Arabic ones, a font of the system.
/// </summary>
/// <remarks>SkiaSharp's library without dependencies does not look for fonts of the system: text in another font would be missing without an error.</remarks>
public static class ReportFonts
{
    /// <summary>Name of the embedded font family.</summary>
    public const string Family = "Inter";

    private static readonly Lazy<SKTypeface> _regular = new(() => Load("Inter-Regular.ttf"));
    private static readonly Lazy<SKTypeface> _bold = new(() => Load("Inter-Bold.ttf"));
    private static readonly ConcurrentDictionary<string, SKTypeface> _fallbacks = new(StringComparer.Ordinal);
    private static readonly Lock _lock = new();

    /// <summary>The regular typeface.</summary>
    public static SKTypeface Regular => _regular.Value;

    /// <summary>The bold typeface.</summary>
    public static SKTypeface Bold => _bold.Value;

    /// <summary>Makes the embedded font ScottPlot's default. A plot that was created before has no letters; further calls have no effect.</summary>
    public static void Register()
    {
        lock (_lock)
        {
            if (!ScottPlot.Fonts.FontResolvers.OfType<Resolver>().Any())
            {
                // First, because the others return a font without letters for a name that they do not know.
                ScottPlot.Fonts.FontResolvers.Insert(0, new Resolver());
                (ScottPlot.Fonts.Default, ScottPlot.Fonts.Sans) = (Family, Family);
                (ScottPlot.Fonts.Serif, ScottPlot.Fonts.Monospace) = (Family, Family);
            }
        }
    }

    /// <summary>Chooses the font for texts that are drawn together, such as the labels of an axis: the embedded one if it has all letters.</summary>
    /// <param name="texts">The texts.</param>
    public static TextFont For(IReadOnlyCollection<string> texts)
    {
        var letters = TextFont.LettersOf(texts);
        if (!TextFont.Lacking(Regular, letters).Any())
        {
            return new TextFont(Family, Regular, Bold);
        }

        if (SystemFonts.Find(letters, Regular) is not { } found)
        {
            return new TextFont(Family, Regular, Bold);
        }

        if (letters.Any(TextFont.NeedsShaping))
        {
            // Arabic letters are joined and drawn from right to left by HarfBuzz.
            LabelStyle.RTLSupport = true;
        }

        var (name, typeface) = found;
        _fallbacks.TryAdd(name, typeface);
        return new TextFont(name, typeface, typeface);
    }

    private static SKTypeface Load(string resource)
    {
        using var stream = typeof(ReportFonts).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The font {resource} is not embedded in the assembly.");
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"The embedded font {resource} cannot be read.");
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            string.Equals(fontName, Family, StringComparison.Ordinal) ? (bold ? Bold : Regular) : _fallbacks.GetValueOrDefault(fontName);
    }
}

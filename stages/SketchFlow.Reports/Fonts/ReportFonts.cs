using ScottPlot;
using SkiaSharp;

namespace SketchFlow.Reports.Fonts;

/// <summary>
/// The font of all pictures: Inter 3.19 (SIL Open Font License, see OFL.txt), embedded in the assembly. Servers and containers often have no
/// font, and text would then be missing without an error.
/// </summary>
public static class ReportFonts
{
    /// <summary>Name of the font family.</summary>
    public const string Family = "Inter";

    private static readonly Lazy<SKTypeface> _regular = new(() => Load("Inter-Regular.ttf"));
    private static readonly Lazy<SKTypeface> _bold = new(() => Load("Inter-Bold.ttf"));
    private static readonly Lock _lock = new();

    /// <summary>The regular typeface.</summary>
    public static SKTypeface Regular => _regular.Value;

    /// <summary>The bold typeface.</summary>
    public static SKTypeface Bold => _bold.Value;

    /// <summary>Makes the font ScottPlot's default; must be called before a plot is created. Further calls have no effect.</summary>
    public static void Register()
    {
        lock (_lock)
        {
            if (!ScottPlot.Fonts.FontResolvers.OfType<Resolver>().Any())
            {
                ScottPlot.Fonts.FontResolvers.Add(new Resolver());
                (ScottPlot.Fonts.Default, ScottPlot.Fonts.Sans) = (Family, Family);
            }
        }
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
            string.Equals(fontName, Family, StringComparison.Ordinal) ? (bold ? Bold : Regular) : null;
    }
}

using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace SketchFlow.Reports.Fonts;

/// <summary>
/// The letters of all pictures: Inter (SIL Open Font License), which travels with the program, since servers and containers often have no font and text would be missing without a word.
/// </summary>
/// <remarks>
/// It is taken from the package Avalonia.Fonts.Inter, whose assembly is embedded as it is. There the fonts lie in one resource: the length of an index, the index
/// (version, count, and a name, an offset and a size each), then the files.
/// </remarks>
public static class ReportFonts
{
    /// <summary>Name of the family.</summary>
    public const string Family = "Inter";

    private const string Package = "Avalonia.Fonts.Inter.dll";

    private static readonly Lazy<(SKTypeface Regular, SKTypeface Bold)> _faces = new(Read);

    /// <summary>The upright letters.</summary>
    public static SKTypeface Regular => _faces.Value.Regular;

    /// <summary>The bold letters.</summary>
    public static SKTypeface Bold => _faces.Value.Bold;

    /// <summary>Makes ScottPlot draw with these letters; to be called before a plot is made. Calling it again changes nothing.</summary>
    public static void Ready()
    {
        if (ScottPlot.Fonts.FontResolvers.OfType<Resolver>().Any())
        {
            return;
        }

        lock (_faces)
        {
            if (!ScottPlot.Fonts.FontResolvers.OfType<Resolver>().Any())
            {
                ScottPlot.Fonts.FontResolvers.Add(new Resolver());
                (ScottPlot.Fonts.Default, ScottPlot.Fonts.Sans) = (Family, Family);
            }
        }
    }

    private static (SKTypeface Regular, SKTypeface Bold) Read()
    {
        using var embedded = typeof(ReportFonts).Assembly.GetManifestResourceStream(Package)
            ?? throw new InvalidOperationException($"{Package} is not embedded; build again.");
        var bytes = new byte[embedded.Length];
        embedded.ReadExactly(bytes);
        // Loading it resolves nothing that it refers to, as long as none of its code runs.
        using var fonts = Assembly.Load(bytes).GetManifestResourceStream("!AvaloniaResources")
            ?? throw new InvalidOperationException($"{Package} holds no fonts where they were expected; take the version that SketchFlow.Insight.csproj names.");
        using var reader = new BinaryReader(fonts);
        var start = reader.ReadInt32() + 4;
        reader.ReadInt32();
        var files = new Dictionary<string, SKTypeface>(StringComparer.Ordinal);
        var index = Enumerable.Range(0, reader.ReadInt32()).Select(_ => (Name: reader.ReadString(), Offset: reader.ReadInt32(), Size: reader.ReadInt32())).ToList();
        foreach (var (name, offset, size) in index.Where(f => f.Name is "/Assets/Inter-Regular.ttf" or "/Assets/Inter-Bold.ttf"))
        {
            fonts.Position = start + offset;
            using var data = SKData.CreateCopy(reader.ReadBytes(size));
            files[name] = SKTypeface.FromData(data) ?? throw new InvalidOperationException($"{name} of {Package} is no font.");
        }

        return (files["/Assets/Inter-Regular.ttf"], files["/Assets/Inter-Bold.ttf"]);
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            string.Equals(fontName, Family, StringComparison.Ordinal) ? weight >= FontWeight.SemiBold ? Bold : Regular : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            string.Equals(fontName, Family, StringComparison.Ordinal) ? bold ? Bold : Regular : null;
    }
}

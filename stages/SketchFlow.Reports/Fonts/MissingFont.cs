using SketchFlow.Data.Messages;

namespace SketchFlow.Reports.Fonts;

/// <summary>Scripts whose letters no font on this machine has, and the Debian package with such a font.</summary>
/// <param name="Package">Name of the package; empty for letters of which no package is known.</param>
/// <param name="Scripts">Names of the scripts.</param>
/// <param name="Example">A text that cannot be drawn.</param>
public sealed record MissingFont(string Package, string Scripts, string Example)
{
    private static readonly (string Package, string Scripts, string[] Letters)[] Packages =
    [
        ("fonts-noto-cjk", "Chinese, Japanese and Korean", ["中", "あ", "가"]),
        ("fonts-noto-core", "Arabic, Hebrew, Thai and the scripts of India", ["ا", "א", "ก", "अ", "அ", "ব"]),
    ];

    /// <summary>One sentence about class names that pictures cannot show, and one about the remedy.</summary>
    public string Message =>
        $"Pictures show numbers in place of class names such as {PrintableText.Line(Example)}, because no font on this machine has their letters. "
        + (Package.Length > 0 ? $"Install one: apt-get install -y {Package}" : "Install one, or rename the classes.");

    /// <summary>Lists the packages of which one or more scripts cannot be drawn.</summary>
    public static IReadOnlyList<MissingFont> All() =>
    [
        .. from package in Packages
           let letter = package.Letters.FirstOrDefault(l => !ReportFonts.For([l]).CanDraw(l))
           where letter is not null
           select new MissingFont(package.Package, package.Scripts, letter),
    ];

    /// <summary>Returns the package for the first class name that pictures cannot show; null if they show all.</summary>
    /// <param name="names">Class names.</param>
    public static MissingFont? For(IReadOnlyCollection<string> names)
    {
        var font = ReportFonts.For(names);
        if (names.FirstOrDefault(n => !font.CanDraw(n)) is not { } name)
        {
            return null;
        }

        var first = TextFont.Lacking(font.Regular, TextFont.LettersOf([name])).First();
        return first switch
        {
            (>= 0x1100 and <= 0x11FF) or (>= 0x2E80 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF00 and <= 0xFFEF) or (>= 0x20000 and <= 0x3FFFF)
                => new MissingFont(Packages[0].Package, Packages[0].Scripts, name),
            < 0xE000 => new MissingFont(Packages[1].Package, Packages[1].Scripts, name),
            _ => new MissingFont("", "", name),
        };
    }
}

using SkiaSharp;

namespace SketchFlow.Reports.Fonts;

/// <summary>Finds font files of the system that have letters which the embedded font lacks.</summary>
internal static class SystemFonts
{
    private const int MaxFiles = 10_000;
    private const int MaxFacesPerFile = 32;
    private static readonly string[] Suffixes = [".ttf", ".otf", ".ttc", ".otc"];
    private static readonly string[] Styles = ["Bold", "Black", "Light", "Thin", "Medium", "Italic", "Oblique", "Condensed", "Mono", "Serif"];

    /// <summary>Folders that are searched, with all folders in them.</summary>
    internal static IReadOnlyList<string> Folders { get; } =
    [
        "/usr/share/fonts", "/usr/local/share/fonts",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".fonts"),
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "fonts"),
    ];

    /// <summary>Finds the font with the most of the given letters; a plain sans-serif one among equals.</summary>
    /// <param name="letters">Letters to draw.</param>
    /// <param name="least">A font that must have fewer of the letters.</param>
    /// <param name="folders">Folders to search; null searches those of the system.</param>
    /// <returns>A name that is different for each font, and the typeface; null if no font has more letters than <paramref name="least"/>.</returns>
    public static (string Name, SKTypeface Typeface)? Find(IReadOnlySet<int> letters, SKTypeface least, IReadOnlyList<string>? folders = null)
    {
        (string Name, SKTypeface Typeface)? best = null;
        var fewest = TextFont.Lacking(least, letters).Count();
        foreach (var (path, face, typeface) in Open(folders ?? Folders))
        {
            var count = TextFont.Lacking(typeface, letters).Count();
            if (count < fewest)
            {
                best?.Typeface.Dispose();
                (fewest, best) = (count, ($"{path}#{face}", typeface));
            }
            else
            {
                typeface.Dispose();
            }

            if (fewest == 0)
            {
                break;
            }
        }

        return best;
    }

    private static IEnumerable<(string Path, int Face, SKTypeface Typeface)> Open(IReadOnlyList<string> folders)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 8 };
        var files = folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", options))
            .Where(file => Suffixes.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Take(MaxFiles)
            .OrderBy(Rank).ThenBy(file => file, StringComparer.Ordinal);
        foreach (var file in files)
        {
            for (var face = 0; face < MaxFacesPerFile && SKTypeface.FromFile(file, face) is { } typeface; face++)
            {
                yield return (file, face, typeface);
            }
        }
    }

    // Regular sans-serif fonts first; of the others any is better than none.
    private static int Rank(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return Styles.Count(style => name.Contains(style, StringComparison.OrdinalIgnoreCase)) + (name.Contains("Sans", StringComparison.Ordinal) ? 0 : 1);
    }
}

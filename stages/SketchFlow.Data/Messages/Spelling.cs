using System.Collections.Immutable;

namespace SketchFlow.Data.Messages;

/// <summary>Suggests known names for a name that is not known.</summary>
public static class Spelling
{
    // No name of the program is longer.
    private const int MaxLength = 200;

    // Shorter beginnings mean too many names.
    private const int LeastPrefix = 3;

    /// <summary>Finds the known names with the smallest edit distances, nearest first; of equally near ones the first in ordinal order.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names; letters of either case are equal.</param>
    /// <param name="count">Largest number of names to return.</param>
    public static ImmutableArray<string> Nearest(string name, IEnumerable<string> known, int count)
    {
        ArgumentNullException.ThrowIfNull(name);
        return [.. known.OrderBy(k => Distance(name, k)).ThenBy(k => k, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>Suggests a known name in a message; nothing where no name is near.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names; letters of either case are equal.</param>
    /// <returns><c>" (did you mean 'NAME'?)"</c>, or nothing.</returns>
    public static string DidYouMean(string name, IEnumerable<string> known) => Suggest(name, known) is { } near ? $" (did you mean '{near}'?)" : "";

    /// <summary>Lists the known names in a message, with a suggestion where one is near.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names; letters of either case are equal.</param>
    /// <returns><c>"one of A, B (did you mean 'A'?)"</c>.</returns>
    public static string OneOf(string name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        return $"one of {string.Join(", ", names)}{DidYouMean(name, names)}";
    }

    /// <summary>Finds the nearest known name of which at most a third of the letters differ, or the only one that begins as the name does.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names.</param>
    /// <returns>The known name; null where none is near.</returns>
    public static string? Suggest(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] names = [.. known.Distinct(StringComparer.Ordinal)];
        if (name.Length is 0 or > MaxLength)
        {
            return null;
        }

        // A name that is longer by more than half cannot be near.
        return Nearest(name, names.Where(n => n.Length <= 2 * name.Length && name.Length <= 2 * n.Length), 1) is [var near]
            && Distance(name, near) * 3 <= near.Length ? near
            : name.Length >= LeastPrefix && names.Where(n => n.StartsWith(name, StringComparison.OrdinalIgnoreCase)).Take(2).ToList() is [var only] ? only
            : null;
    }

    // Insertions, deletions and substitutions of one letter, and exchanges of neighbours (optimal string alignment).
    private static int Distance(string a, string b)
    {
        var (two, one, row) = (new int[b.Length + 1], new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray());
        for (var i = 1; i <= a.Length; i++)
        {
            (two, one, row) = (one, row, two);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(one[j - 1] + (AreSame(a[i - 1], b[j - 1]) ? 0 : 1), Math.Min(one[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && AreSame(a[i - 1], b[j - 2]) && AreSame(a[i - 2], b[j - 1]))
                {
                    row[j] = Math.Min(row[j], two[j - 2] + 1);
                }
            }
        }

        return row[b.Length];
    }

    private static bool AreSame(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}

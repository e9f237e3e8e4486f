using System.Collections.Immutable;

namespace SketchFlow.Data.Messages;

/// <summary>Suggests known names for a name that is not known.</summary>
public static class Spelling
{
    /// <summary>Finds the known names with the smallest edit distances, nearest first; of equally near ones the first in ordinal order.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names; letters of either case are equal.</param>
    /// <param name="count">Largest number of names to return.</param>
    public static ImmutableArray<string> Nearest(string name, IEnumerable<string> known, int count)
    {
        ArgumentNullException.ThrowIfNull(name);
        return [.. known.OrderBy(k => Distance(name, k)).ThenBy(k => k, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>Suggests the nearest known name in a message, where at most a third of its letters differ.</summary>
    /// <param name="name">The name that was written.</param>
    /// <param name="known">Known names; letters of either case are equal.</param>
    /// <returns><c>" (did you mean 'NAME'?)"</c>, or nothing.</returns>
    public static string DidYouMean(string name, IEnumerable<string> known) =>
        Nearest(name, known, 1) is [var near] && Distance(name, near) * 3 <= near.Length ? $" (did you mean '{near}'?)" : "";

    // Levenshtein distance: insertions, deletions and substitutions of one letter.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

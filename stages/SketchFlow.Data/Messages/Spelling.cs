using System.Collections.Immutable;

namespace SketchFlow.Data.Messages;

/// <summary>What somebody may have meant who wrote a name that is not known.</summary>
public static class Spelling
{
    /// <summary>The known names nearest to one by edit distance, the nearest first; of equally near ones the first in ordinal order.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What there is, in lower case.</param>
    /// <param name="count">At most so many.</param>
    public static ImmutableArray<string> Nearest(string name, IEnumerable<string> known, int count)
    {
        ArgumentNullException.ThrowIfNull(name);
        return [.. known.OrderBy(k => Distance(name, k)).ThenBy(k => k, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>For a message: <c>" (is NAME meant?)"</c> with the nearest known name, where no more than a third of its letters differ; else nothing.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What there is, in lower case.</param>
    public static string DidYouMean(string name, IEnumerable<string> known) =>
        Nearest(name, known, 1) is [var near] && Distance(name, near) * 3 <= near.Length ? $" (is {near} meant?)" : "";

    // Levenshtein's distance: insertions, deletions and exchanges of one letter.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var exchanged = diagonal + (char.ToLowerInvariant(a[i - 1]) == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(exchanged, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

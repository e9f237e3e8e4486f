using System.Collections.Immutable;

namespace SketchFlow.Data.Competitions;

/// <summary>The classes and test images of a data set, to which its submissions refer.</summary>
/// <param name="Classes">Class names.</param>
/// <param name="Numbers">Number of each class as the training table writes it; empty for classes without numbers.</param>
/// <param name="HasNames">Whether the classes have names besides their numbers.</param>
/// <param name="Test">Id, if there is one, and path of each test image.</param>
/// <param name="Commonest">Class of the most training images.</param>
internal sealed record SubmissionRows(
    ImmutableArray<string> Classes, ImmutableArray<string> Numbers, bool HasNames, IReadOnlyList<(string? Id, string Path)> Test, int Commonest)
{
    /// <summary>Finds the test image of each value of a column, by id, path or file name, with or without extension, whichever finds the most.</summary>
    /// <param name="values">Values of the column.</param>
    /// <returns>Number of the test row of each value; -1 where there is none.</returns>
    public ImmutableArray<int> Match(IReadOnlyList<string> values)
    {
        Func<(string? Id, string Path), string?>[] keys =
            [t => t.Id, t => t.Path, t => Path.GetFileName(t.Path), t => Path.ChangeExtension(t.Path, null), t => Path.GetFileNameWithoutExtension(t.Path)];
        ImmutableArray<int>? best = null;
        foreach (var key in keys)
        {
            var rows = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var i = 0; i < Test.Count; i++)
            {
                if (key(Test[i]) is { } text)
                {
                    // A name of two images is none of an image.
                    rows[text] = rows.ContainsKey(text) ? -1 : i;
                }
            }

            ImmutableArray<int> found = [.. values.Select(v => rows.GetValueOrDefault(v.Replace('\\', '/'), -1))];
            best = best is { } known && known.Count(r => r >= 0) >= found.Count(r => r >= 0) ? known : found;
            if (best.Value.All(r => r >= 0))
            {
                break;
            }
        }

        return best!.Value;
    }
}

using System.Collections.Immutable;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>The correspondence, by name, between the classes of two numberings, for example those of a trained run and of a data set.</summary>
/// <remarks>Two numberings correspond if they have the same names, in any order and in either Unicode form. Each name occurs once in a numbering.</remarks>
public sealed record ClassMapping
{
    private const int MostNames = 3;

    private ClassMapping(ImmutableArray<int> sources) => (Sources, IsIdentity) = (sources, sources.Select((source, i) => source == i).All(same => same));

    /// <summary>For each class of the target numbering, the number of the same class in the source numbering.</summary>
    public ImmutableArray<int> Sources { get; }

    /// <summary>Whether both numberings have the same order.</summary>
    public bool IsIdentity { get; }

    /// <summary>Compares two numberings.</summary>
    /// <param name="source">Names of the numbering to map from; the index is the class number.</param>
    /// <param name="target">Names of the numbering to map to.</param>
    /// <param name="sourceTitle">Subject of messages for the first numbering, such as <c>the run a</c>.</param>
    /// <param name="targetTitle">Subject of messages for the second numbering, such as <c>the data set pets</c>.</param>
    /// <param name="fix">Remedy for different names, as the end of a sentence.</param>
    /// <exception cref="RefusalException">A name is missing in one of them; the message states the first names that differ.</exception>
    public static ClassMapping Between(
        IReadOnlyList<string> source, IReadOnlyList<string> target, string sourceTitle, string targetTitle, string fix)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        var numbers = new Dictionary<string, int>(ComposedNames.Comparer);
        for (var c = 0; c < source.Count; c++)
        {
            numbers.TryAdd(source[c], c);
        }

        string[] onlyTarget = [.. target.Where(name => !numbers.ContainsKey(name))];
        string[] onlySource = [.. source.Except(target, ComposedNames.Comparer)];
        if (onlyTarget.Length > 0 || onlySource.Length > 0 || source.Count != target.Count)
        {
            string[] differences = [.. Clause(sourceTitle, onlySource), .. Clause(targetTitle, onlyTarget)];
            throw new RefusalException(
                $"{Capitalize(sourceTitle)} has {source.Count} classes and {targetTitle} has {target.Count}, expected the same names"
                + $"{(differences.Length > 0 ? ": " : "")}{string.Join("; ", differences)}. {fix}");
        }

        return new ClassMapping([.. target.Select(name => numbers[name])]);
    }

    /// <summary>Reorders rows of one value per class from the source numbering to the target numbering.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="rows">(rows, classes of the source).</param>
    /// <returns>(rows, classes of the target); the same array where both have the same order.</returns>
    public T[] ApplyToRows<T>(T[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (IsIdentity)
        {
            return rows;
        }

        var (count, mapped) = (Sources.Length, new T[rows.Length]);
        for (var at = 0; at < rows.Length; at += count)
        {
            Apply(rows.AsSpan(at, count), mapped.AsSpan(at, count));
        }

        return mapped;
    }

    /// <summary>Reorders a value per class from the source numbering to the target numbering.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="from">One value per class of the source.</param>
    /// <param name="to">Receives one value per class of the target; must not overlap <paramref name="from"/>.</param>
    public void Apply<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        for (var c = 0; c < Sources.Length; c++)
        {
            to[c] = from[Sources[c]];
        }
    }

    private static IEnumerable<string> Clause(string title, string[] names)
    {
        if (names.Length > 0)
        {
            var shown = string.Join(", ", names.Take(MostNames).Select(n => $"'{n}'"));
            yield return $"only {title} has {shown}{(names.Length > MostNames ? $" and {names.Length - MostNames} more" : "")}";
        }
    }

    private static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

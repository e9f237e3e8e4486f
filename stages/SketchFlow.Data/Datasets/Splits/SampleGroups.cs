using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Names of the groups of training rows that a split keeps together.</summary>
public sealed class SampleGroups
{
    // A regular expression that needs longer for one file name backtracks without end.
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, string> _names;
    private readonly string _source;

    private SampleGroups(IEnumerable<(Sample Sample, string Name)> named, int rows, string source)
    {
        _names = named.Where(n => n.Name.Length > 0).ToDictionary(n => n.Sample.Id, n => n.Name);
        (_source, Rows, Groups) = (source, rows, _names.Values.Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of groups, not counting rows that are groups of their own.</summary>
    public int Groups { get; }

    /// <summary>Number of rows without a group, each of which is a group of its own.</summary>
    public int Ungrouped => Rows - _names.Count;

    /// <summary>Groups the training rows by a further column of <c>train.csv</c> or of Parquet shards; a row without a value is a group of its own.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="column">Name of the column.</param>
    /// <exception cref="RefusalException">The data set has no such column, has it twice, or the column is empty.</exception>
    public static SampleGroups ByColumn(DataSet data, string column)
    {
        ArgumentNullException.ThrowIfNull(data);
        var exact = data.TrainColumns.Where(c => string.Equals(c.Name, column, StringComparison.Ordinal)).ToList();
        var found = exact.Count > 0 ? exact : [.. data.TrainColumns.Where(c => string.Equals(c.Name, column, StringComparison.OrdinalIgnoreCase))];
        if (found.Count != 1)
        {
            var table = data.Layout == DataSetLayout.Parquet ? "The table" : "train.csv";
            throw new RefusalException(
                data.Layout == DataSetLayout.Folders ? $"{data.Name} has no train.csv, so it has no column {column}; use a pattern or twins."
                : found.Count > 1 ? $"{table} of {data.Name} has the column {column} {found.Count} times; rename the others."
                : data.TrainColumns.IsEmpty ? $"{table} of {data.Name} has no column to group by, expected {column}; add it, or use a pattern or twins."
                : $"{table} of {data.Name} has no column {column} to group by, found "
                    + $"{string.Join(", ", data.TrainColumns.Select(c => c.Name))}; name one of them.");
        }

        var groups = new SampleGroups(data.Train.Select(s => (s, found[0].Values[(int)s.Id])), data.Train.Length, $"column {found[0].Name}");
        return groups.Groups > 0 ? groups : throw new RefusalException($"The column {column} of {data.Name} has no value in any row; name another column.");
    }

    /// <summary>
    /// Groups rows by a pattern of their file names: the first capture that took part in the match, or the whole match of a pattern without captures, is
    /// the group. A row whose name does not match is a group of its own.
    /// </summary>
    /// <param name="samples">Training rows.</param>
    /// <param name="pattern">.NET regular expression, found anywhere in the name.</param>
    /// <exception cref="RefusalException">The pattern is not a regular expression, takes too long, or matches no file name.</exception>
    public static SampleGroups ByPattern(IReadOnlyList<Sample> samples, string pattern)
    {
        ArgumentNullException.ThrowIfNull(samples);
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeout);
            var groups = new SampleGroups(samples.Select(s => (s, Capture(regex.Match(FileNameOf(s))))), samples.Count, $"pattern {pattern}");
            return groups.Groups > 0 || samples.Count == 0 ? groups : throw new RefusalException(
                $"The pattern {pattern} matches none of the {samples.Count} file names, such as {FileNameOf(samples[0])}; expected a regular expression whose "
                + "first capture is the group, such as ^(.+)-\\d+\\. for names such as photo7-2.png.");
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new RefusalException(
                $"The pattern {pattern} needs more than {PatternTimeout.TotalSeconds:0} s for the file name {e.Input}; simplify it, for example by "
                + "removing repetitions of repetitions.", e);
        }
        catch (ArgumentException e)
        {
            throw new RefusalException($"The pattern {pattern} is not a regular expression ({e.Message.TrimEnd('.')}); correct it.", e);
        }
    }

    /// <summary>Groups rows by a list of sets, such as the copies of one image. A group is named by the first of its image paths in ordinal order.</summary>
    /// <param name="sets">Sets of at least two rows, without common rows.</param>
    /// <param name="rows">Number of rows in total.</param>
    /// <param name="source">Description of the sets, for messages.</param>
    public static SampleGroups From(IEnumerable<IReadOnlyCollection<Sample>> sets, int rows, string source)
    {
        static string Name(IEnumerable<Sample> set) => set.Select(s => s.ImagePath).Order(StringComparer.Ordinal).First();
        return new SampleGroups(sets.SelectMany(set => Name(set) is var name ? set.Select(s => (s, name)) : []), rows, source);
    }

    /// <summary>Returns the name of the group of a row; null for a row that is a group of its own.</summary>
    public string? NameOf(Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return _names.GetValueOrDefault(sample.Id);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rows - Ungrouped} of {Rows} images in {Groups} groups by {_source}"
        + $"{(Ungrouped > 0 ? $"; {Ungrouped} without a group are groups of their own" : "")}");

    private static string FileNameOf(Sample sample) => sample.ImagePath[(sample.ImagePath.LastIndexOfAny(['/', '\\']) + 1)..];

    private static string Capture(Match match) => !match.Success ? ""
        : match.Groups.Count == 1 ? match.Value
        : match.Groups.Cast<Group>().Skip(1).FirstOrDefault(g => g.Success)?.Value ?? "";
}

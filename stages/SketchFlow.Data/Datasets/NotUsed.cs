namespace SketchFlow.Data.Datasets;

/// <summary>Counts the entries of a data set's folder that the data set does not use, by kind and with examples.</summary>
internal sealed class NotUsed
{
    private const int Examples = 3;
    private const int LongestExample = 80;

    private readonly Dictionary<(string One, string Many), (int Count, List<string> Paths)> _kinds = [];

    /// <summary>Counts an entry.</summary>
    /// <param name="kind">Kind of the entry, for one and for many, such as <c>empty folder</c> and <c>empty folders</c>.</param>
    /// <param name="path">Path from the data set's folder.</param>
    public void Add((string One, string Many) kind, string path)
    {
        var (count, paths) = _kinds.GetValueOrDefault(kind, (0, []));
        if (count < Examples)
        {
            paths.Add(Printable(path));
        }

        _kinds[kind] = (count + 1, paths);
    }

    /// <summary>Describes what is not used in one line, such as <c>2 empty folders (a, b), 1 hidden file (.x)</c>; empty where all is used.</summary>
    public override string ToString() => string.Join(", ", _kinds.Select(k =>
        $"{k.Value.Count} {(k.Value.Count == 1 ? k.Key.One : k.Key.Many)} ({string.Join(", ", k.Value.Paths)}{(k.Value.Count > Examples ? ", …" : "")})"));

    // A name may have line breaks.
    private static string Printable(string path)
    {
        var line = string.Concat(path.Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return line.Length <= LongestExample ? line : $"{line[..(LongestExample / 2)]}…{line[^(LongestExample / 2)..]}";
    }
}

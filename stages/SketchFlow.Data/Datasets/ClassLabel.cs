using SketchFlow.Data.Competitions;
using SketchFlow.Data.Encodings;

namespace SketchFlow.Data.Datasets;

/// <summary>Class of a row in <c>train.csv</c>, by number and name. Rows without a fault have a target.</summary>
/// <param name="Target">Class number; null where the row has none that can be used.</param>
/// <param name="Name">Class name as written; may be empty.</param>
/// <param name="Fault">Reason why the row cannot be used; null for a good one.</param>
internal sealed record ClassLabel(int? Target, string Name, string? Fault)
{
    /// <summary>Label of a row without one, as in <c>test.csv</c>.</summary>
    public static ClassLabel None { get; } = new(null, "", null);

    /// <summary>Composed form of the name, by which names are compared.</summary>
    public string Key { get; } = ComposedNames.Compose(Name);

    /// <summary>Reads the label of a row.</summary>
    public static ClassLabel From(CompetitionRow row)
    {
        var (name, text) = (row.Field(CompetitionLayout.ClassName), row.Field(CompetitionLayout.Target));
        var isNumber = WholeNumbers.TryParse(text, row.Separator, out var number);
        var fault = row.Fault
            ?? (!isNumber || number != decimal.Truncate(number) ? $"target \"{text}\" is not a whole number"
                : number < 0 ? $"target {text} is negative"
                : number >= DataSetReader.MaxClasses ? $"target {text} is not a class number below {DataSetReader.MaxClasses}"
                : null);
        return new ClassLabel(fault is null ? (int)number : null, name, fault);
    }

    /// <summary>
    /// Finds the name of each target: the one that most of its rows give, so that one bad row does not make the good ones unusable.
    /// </summary>
    /// <remarks>
    /// Two targets may share a name (ImageNet has two cranes). But a target of a single row whose name belongs to another target is
    /// considered a typing error, and gets no name.
    /// </remarks>
    public static Dictionary<int, string> NameClasses(IEnumerable<ClassLabel> labels)
    {
        var names = new Dictionary<int, string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var pairs = labels.Where(l => l.Fault is null && l.Name.Length > 0)
            .GroupBy(l => (Target: l.Target!.Value, l.Key))
            .Select(g => (g.Key.Target, g.Key.Key, Name: g.All(l => l.Name == g.First().Name) ? g.First().Name : g.Key.Key, Rows: g.Count()))
            .OrderByDescending(p => p.Rows); // stable: among equals the first in the table wins
        foreach (var (target, key, name, rows) in pairs)
        {
            if (!names.ContainsKey(target) && (rows > 1 || !taken.Contains(key)))
            {
                names.Add(target, name);
                taken.Add(key);
            }
        }

        return names;
    }

    /// <summary>Returns the label with a fault if its name is not that of its target.</summary>
    public ClassLabel CheckName(Dictionary<int, string> names)
    {
        if (Fault is not null || Name.Length == 0 || Target is not { } target
            || names.GetValueOrDefault(target) is var known && ComposedNames.Comparer.Equals(known, Name))
        {
            return this;
        }

        return this with
        {
            Fault = known is null
                ? $"target {target} is given to class \"{Name}\" in this row only, and that class has another"
                : $"target {target} is class \"{known}\" and the row says \"{Name}\"",
        };
    }
}

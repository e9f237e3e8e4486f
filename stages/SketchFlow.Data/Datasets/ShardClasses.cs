using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>
/// Classes of Parquet shards: those that the training shards declare, else the labels of their rows. Words stay words, also those of digits; class numbers are
/// translated by the names of their own shard, and gaps between them are no classes.
/// </summary>
internal sealed class ShardClasses
{
    private readonly Dictionary<string, int> _targets;
    private readonly string[]? _declared;

    private ShardClasses(ImmutableArray<string> names, IEnumerable<string> keys, string[]? declared)
    {
        (Names, _declared) = (names, declared);
        _targets = keys.Index().DistinctBy(k => k.Item, ComposedNames.Comparer).ToDictionary(k => k.Item, k => k.Index, ComposedNames.Comparer);
    }

    /// <summary>Names of the classes; the index is the target.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Finds the classes.</summary>
    /// <param name="root">Folder of the data set, for messages.</param>
    /// <param name="training">Packs of the training shards.</param>
    /// <param name="others">Packs of the other shards, whose names are used where no training shard declares any.</param>
    /// <exception cref="RefusalException">No training row has a label, or there are too many labels.</exception>
    public static ShardClasses Find(string root, IReadOnlyList<ShardPack> training, IReadOnlyList<ShardPack> others)
    {
        var declared = training.Concat(others).Select(p => p.ClassNames).FirstOrDefault(n => n is { Length: > 0 });
        if (declared is not null)
        {
            // Two classes of one shard may share a name (ImageNet has two cranes); a name that only another shard has follows.
            var further = training.SelectMany(p => p.ClassNames ?? []).Except(declared, ComposedNames.Comparer);
            ImmutableArray<string> names = [.. declared, .. further];
            return new ShardClasses(names, names, declared);
        }

        var hasWords = training.Any(p => p.HasTextLabels);
        var labels = training.SelectMany(p => p.Rows).Select(r => r.Label).OfType<string>()
            .Where(l => hasWords || !IsUnknown(l)).Distinct(ComposedNames.Comparer).ToList();
        if (labels.Count is 0 or > DataSetReader.MaxClasses)
        {
            throw new RefusalException(labels.Count == 0
                ? $"The training shards of {root} have no labels; expected a column \"label\" next to \"image\"."
                : $"The column \"label\" of {root} has {labels.Count} different values, expected at most {DataSetReader.MaxClasses} classes; correct it.");
        }

        if (hasWords)
        {
            labels.Sort(string.CompareOrdinal);
            return new ShardClasses([.. labels], labels, null);
        }

        labels = [.. labels.OrderBy(l => Int128.Parse(l, CultureInfo.InvariantCulture))];
        return new ShardClasses([.. labels.Select(l => $"class {l}")], labels, null);
    }

    /// <summary>Finds the class of a row.</summary>
    /// <param name="pack">The shard of the row.</param>
    /// <param name="label">The row's label.</param>
    /// <param name="fault">Reason why the label is no class; null where it is one.</param>
    public int? TargetOf(ShardPack pack, string? label, out string? fault)
    {
        fault = null;
        if (label is null || (!pack.HasTextLabels && IsUnknown(label)))
        {
            fault = "no label";
            return null;
        }

        if (_targets.TryGetValue(label, out var target) && (pack.HasTextLabels || _declared is null))
        {
            return target;
        }

        var names = pack.ClassNames is { Length: > 0 } own ? own : _declared;
        if (names is not null && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < names.Length)
        {
            if (number < Names.Length && Names[number] == names[number])
            {
                return number;
            }

            if (_targets.TryGetValue(names[number], out target))
            {
                return target;
            }

            fault = $"the label \"{names[number]}\" is no class of the training shards";
            return null;
        }

        fault = names is not null && !pack.HasTextLabels
            ? $"the label {label} is not a class number below {names.Length}"
            : $"the label \"{label}\" is in no training row";
        return null;
    }

    // Hubs write -1 for an unknown label.
    private static bool IsUnknown(string label) =>
        label.StartsWith('-') && Int128.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
}

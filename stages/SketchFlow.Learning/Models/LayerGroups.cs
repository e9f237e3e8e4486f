using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SketchFlow.Learning.Models;

/// <summary>
/// Which layer group a tensor is of, by its name: what layer-wise learning-rate decay and freezing count in. The rules, their
/// order and what they make of a name are those of timm's <c>group_matcher</c> and <c>group_with_matcher</c> (timm/models/_manipulate.py).
/// </summary>
/// <remarks>
/// The first rule that matches a name from its beginning gives it a place: the rule's step, the numbers that the pattern captures, the rule's suffix.
/// The places in order are the groups 0, 1, 2, …; a place that ends in <see cref="WithPrevious"/> shares the group before it. Names that no rule matches
/// (necks and classifiers) are the last group.
/// </remarks>
public sealed class LayerGroups
{
    /// <summary>The suffix that puts tensors into the group before theirs: timm's <c>MATCH_PREV_GROUP</c>.</summary>
    public const int WithPrevious = 99999;

    // Less than every number in a name: a place without further numbers comes before those that have them, as with Python's tuples.
    private const int None = -1;

    private static readonly (int, int, int) Last = (int.MaxValue, None, None);

    private readonly ImmutableArray<(Regex Pattern, int Step, int? Suffix)> _rules;

    private LayerGroups(IEnumerable<(string Pattern, int Step, int? Suffix)> rules) => _rules =
    [
        .. rules.Select(r => (new Regex($@"\A(?:{r.Pattern})", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)), r.Step, r.Suffix)),
    ];

    /// <summary>A stem, then blocks in the order of the numbers in their names.</summary>
    /// <param name="stem">Regular expression of how names in group 0 begin.</param>
    /// <param name="blocks">Regular expressions of how the others begin, each with the number that follows the captured ones, if any; at most two in all.</param>
    public static LayerGroups Create(string stem, params IEnumerable<(string Pattern, int? Suffix)> blocks) =>
        new(blocks.Select(b => (b.Pattern, 1, b.Suffix)).Prepend((stem, 0, null)));

    /// <summary>Parts one after another, each of one group or of as many as the numbers that its expression captures.</summary>
    public static LayerGroups InOrder(params IEnumerable<string> parts) => new(parts.Select((part, step) => (part, step, default(int?))));

    /// <summary><paramref name="tensors"/>, each in its group.</summary>
    internal ImmutableArray<TensorSpec> Assign(IReadOnlyCollection<TensorSpec> tensors)
    {
        var places = tensors.Select(t => PlaceOf(t.Name)).ToList();
        var groups = new Dictionary<(int, int, int), int>();
        var group = -1;
        foreach (var place in places.Distinct().Order())
        {
            var shares = place is (_, WithPrevious, None) or (_, _, WithPrevious);
            group += shares && group >= 0 ? 0 : 1;
            groups[place] = group;
        }

        return [.. tensors.Zip(places, (tensor, place) => tensor with { LayerGroup = groups[place] })];
    }

    private (int, int, int) PlaceOf(string name)
    {
        foreach (var (pattern, step, suffix) in _rules)
        {
            if (pattern.Match(name) is { Success: true } match)
            {
                var (first, second) = (Number(match, 1), Number(match, 2));
                return suffix is not { } last ? (step, first, second) : first == None ? (step, last, None) : (step, first, last);
            }
        }

        return Last;
    }

    private static int Number(Match match, int group) =>
        match.Groups[group] is { Success: true } captured ? int.Parse(captured.ValueSpan, CultureInfo.InvariantCulture) : None;
}

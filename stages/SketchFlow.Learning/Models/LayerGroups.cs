using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SketchFlow.Learning.Models;

/// <summary>
/// Assigns tensors to layer groups by name, for layer-wise learning-rate decay and freezing. Follows timm's <c>group_matcher</c> and
/// <c>group_with_matcher</c> (timm/models/_manipulate.py).
/// </summary>
/// <remarks>
/// The first rule that matches the start of a name gives it a sort key: the rule's index, the numbers that the pattern captures, and the
/// rule's suffix. The sorted keys are the groups 0, 1, 2, …; a key that ends in <see cref="WithPrevious"/> joins the group before it. Names
/// that match no rule (necks and classifiers) form the last group.
/// </remarks>
public sealed class LayerGroups
{
    /// <summary>Suffix that puts tensors into the preceding group: timm's <c>MATCH_PREV_GROUP</c>.</summary>
    public const int WithPrevious = 99999;

    // Smaller than every number in a name, so that a key without further numbers sorts before keys that have them, like Python's tuples.
    private const int None = -1;

    private static readonly (int, int, int) Last = (int.MaxValue, None, None);

    private readonly ImmutableArray<(Regex Pattern, int Step, int? Suffix)> _rules;

    private LayerGroups(IEnumerable<(string Pattern, int Step, int? Suffix)> rules) => _rules =
    [
        .. rules.Select(r => (new Regex($@"\A(?:{r.Pattern})", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(30)), r.Step, r.Suffix)),
    ];

    /// <summary>Creates rules for a stem followed by blocks in the order of the numbers in their names.</summary>
    /// <param name="stem">Regular expression for the start of names in group 0.</param>
    /// <param name="blocks">
    /// Regular expressions for the start of the other names, each with an optional number that follows the captured numbers; at most two
    /// numbers in all.
    /// </param>
    public static LayerGroups Create(string stem, params IEnumerable<(string Pattern, int? Suffix)> blocks) =>
        new(blocks.Select(b => (b.Pattern, 1, b.Suffix)).Prepend((stem, 0, null)));

    /// <summary>Creates rules for consecutive parts; each part is one group, or one group for each number that its expression captures.</summary>
    public static LayerGroups InOrder(params IEnumerable<string> parts) => new(parts.Select((part, step) => (part, step, default(int?))));

    /// <summary>Returns the tensors with their groups.</summary>
    internal ImmutableArray<TensorSpec> Assign(IReadOnlyCollection<TensorSpec> tensors)
    {
        var keys = tensors.Select(t => SortKey(t.Name)).ToList();
        var groups = new Dictionary<(int, int, int), int>();
        var group = -1;
        foreach (var key in keys.Distinct().Order())
        {
            var shares = key is (_, WithPrevious, None) or (_, _, WithPrevious);
            group += shares && group >= 0 ? 0 : 1;
            groups[key] = group;
        }

        return [.. tensors.Zip(keys, (tensor, key) => tensor with { LayerGroup = groups[key] })];
    }

    private (int, int, int) SortKey(string name)
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

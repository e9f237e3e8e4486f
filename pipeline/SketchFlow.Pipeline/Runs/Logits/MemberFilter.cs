using System.Collections.Immutable;
using System.IO.Enumeration;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>Selection of members by name; in a name, <c>*</c> stands for any text.</summary>
/// <param name="Include">Names or patterns of the members to use; empty for all.</param>
/// <param name="Exclude">Names or patterns of members not to use.</param>
public sealed record MemberFilter(ImmutableArray<string> Include, ImmutableArray<string> Exclude)
{
    private const int Shown = 10;

    /// <summary>The filter that every member passes.</summary>
    public static MemberFilter All { get; } = new([], []);

    /// <summary>Whether a member passes.</summary>
    public bool Matches(string member) =>
        (Include.IsEmpty || Include.Any(pattern => Matches(pattern, member))) && !Exclude.Any(pattern => Matches(pattern, member));

    /// <summary>Checks that every name and pattern matches a member, so that a typing error is not taken for an empty selection.</summary>
    /// <param name="members">All members.</param>
    /// <exception cref="RefusalException">One matches none.</exception>
    public void Check(IReadOnlyCollection<string> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        foreach (var (option, pattern) in Include.Select(p => ("--runs", p)).Concat(Exclude.Select(p => ("--exclude", p))))
        {
            if (!members.Any(member => Matches(pattern, member)))
            {
                throw new RefusalException(
                    $"{option}: no tables of a run {pattern}{Spelling.DidYouMean(pattern, members)}; there are tables of "
                    + $"{string.Join(", ", Spelling.Nearest(pattern, members, Shown).Order(StringComparer.Ordinal))}"
                    + $"{(members.Count > Shown ? $" and {members.Count - Shown} more (sketchflow logits list)" : "")}.");
            }
        }
    }

    private static bool Matches(string pattern, string member) =>
        pattern.Contains('*', StringComparison.Ordinal) ? FileSystemName.MatchesSimpleExpression(pattern, member, ignoreCase: false)
        : string.Equals(pattern, member, StringComparison.Ordinal);
}

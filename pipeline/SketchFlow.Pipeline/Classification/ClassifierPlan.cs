using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Pipeline.Classification;

/// <summary>The networks of a trained model and the rule that combines them.</summary>
/// <param name="Title">Human-readable name, such as <c>the run a</c>.</param>
/// <param name="Classes">The classes in the order of the answers' numbers.</param>
/// <param name="Members">The members, in the order of the combination.</param>
/// <param name="Combination">Temperatures, weights and rule.</param>
internal sealed record ClassifierPlan(string Title, ImmutableArray<ClassName> Classes, ImmutableArray<MemberPlan> Members, Combination Combination)
{
    /// <summary>Facts that the user should know, in whole sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Creates the plan of a single member, which is calibrated by its own temperature.</summary>
    public static ClassifierPlan Of(string title, MemberPlan member, params IEnumerable<string> notes) => new(
        title, member.Parts[0].Classes, [member], new Combination { Temperatures = [member.Temperature ?? 1], Weights = [1] })
    {
        Notes =
        [
            .. notes,
            .. member.Temperature is null ? (string[])[$"The probabilities of {title} are not calibrated: its weights have no temperature."] : [],
        ],
    };
}

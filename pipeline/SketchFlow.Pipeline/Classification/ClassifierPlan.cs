using System.Collections.Immutable;
using SketchFlow.Inference;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

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

    /// <summary>timm's names of the different architectures.</summary>
    public string Architectures => string.Join(", ", Members.SelectMany(m => m.Parts).Select(p => p.Recipe.Architecture).Distinct());

    /// <summary>Number of images per batch: the smallest of the recipes.</summary>
    public int BatchSize => Members.SelectMany(m => m.Parts).Min(p => p.Recipe.BatchSize);

    /// <summary>Returns the plan with weights in the order of their file, so that an export need not copy them.</summary>
    public ClassifierPlan WithContiguousWeights() => this with { Members = [.. Members.Select(Contiguous)] };

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

    /// <summary>Calibrates and combines the logits of the members.</summary>
    /// <param name="logits">Those of every member, in their order: float32, (images, classes).</param>
    /// <returns>One row per image.</returns>
    public EnsemblePrediction Combine(ImmutableArray<float[]> logits)
    {
        var rows = logits[0].Length / Classes.Length;
        long[] ids = [.. Enumerable.Range(0, rows)];
        var (paths, targets, statuses) = (new string[rows], new int?[rows], new string[rows]);
        Array.Fill(paths, "");
        Array.Fill(statuses, LogitsTable.Ok);
        ImmutableArray<string> names = [.. Classes.Select(c => c.Name)];
        ImmutableArray<LogitsTable> tables =
        [
            .. Members.Zip(logits, (member, own) => new LogitsTable(member.Name, Metadata(member.Name, names), ids, paths, targets, statuses, own)),
        ];
        return Combination.Apply(new LogitsSet(tables, ids, paths, targets));
    }

    private static MemberPlan Contiguous(MemberPlan member) =>
        member with { Parts = [.. member.Parts.Select(p => p with { Recipe = p.Recipe with { ChannelsLast = false } })] };

    private static LogitsMetadata Metadata(string name, ImmutableArray<string> classes) =>
        new() { Model = "", Run = name, ClassNames = classes, Dataset = "", Split = "" };
}

using System.Collections.Immutable;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>Objective of the search.</summary>
    public Objective Objective { get; init; } = Objective.Accuracy;

    /// <summary>Method of choosing members; all searches score the mean of probabilities.</summary>
    public EnsembleMethod Method { get; init; } = EnsembleMethod.Auto;

    /// <summary>Rule that combines the chosen members.</summary>
    public CombineRule Combine { get; init; } = CombineRule.Soft;

    /// <summary>Source of their weights.</summary>
    public EnsembleWeights Weights { get; init; } = EnsembleWeights.Searched;

    /// <summary>Whether each member's temperature is fitted on validation first.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Whether the other ways of combining are measured as well, as far as <see cref="Seconds"/> allows.</summary>
    public bool Compare { get; init; } = true;

    /// <summary>Budget of the search, and again of the comparison, in seconds on two cores of 2024.</summary>
    /// <remarks>Costs are estimated from the numbers of models, rows and classes, not from the clock, so that a busy machine finds the same ensemble.</remarks>
    public double Seconds { get; init; } = 20;

    /// <summary>Bytes of logits kept in memory, by default half of the available memory; the rest is in scratch files. The results are the same.</summary>
    public long Memory { get; init; } = ScratchArena.HalfOfMemory;

    /// <summary>Selection of members by name; by default all.</summary>
    public MemberFilter Members { get; init; } = MemberFilter.All;

    /// <summary>
    /// Whether method, rule and weights were requested, so that they are used even where another way has the better held-out estimate.
    /// </summary>
    public bool IsChosenByUser { get; init; }

    /// <summary>The command that makes an ensemble with these options.</summary>
    public string Command
    {
        get
        {
            var text = $"sketchflow ensemble --method {Lower(Method)} --combine {Lower(Combine)}";
            text += Weights == EnsembleWeights.Searched ? "" : $" --weights {Lower(Weights)}";
            text += Objective == Objective.Accuracy ? "" : $" --aim {Lower(Objective)}";
            text += Calibrate ? "" : " --no-calibration";
            return text + Names("--runs", Members.Include) + Names("--exclude", Members.Exclude);
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Names(string option, ImmutableArray<string> names) =>
        names.IsEmpty ? "" : $" {option} {string.Join(' ', names.Select(n => n.All(c => char.IsLetterOrDigit(c) || "-_.+".Contains(c)) ? n : $"'{n}'"))}";
}

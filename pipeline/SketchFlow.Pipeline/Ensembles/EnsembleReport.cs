using System.Collections.Immutable;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Everything computed about an ensemble; <see cref="EnsembleFiles"/> writes it.</summary>
public sealed record EnsembleReport
{
    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>The models, best first, including those that are not members.</summary>
    public required ImmutableArray<MemberScore> Members { get; init; }

    /// <summary>Number of validation rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Description of the search.</summary>
    public required string Method { get; init; }

    /// <summary>Objective of the search.</summary>
    public required Objective Objective { get; init; }

    /// <summary>Metrics of the ensemble on validation.</summary>
    public required ClassificationReport Evaluation { get; init; }

    /// <summary>Metrics of the mean of all models' probabilities on validation, with the same temperatures.</summary>
    public required ClassificationReport All { get; init; }

    /// <summary>Metrics of each model alone on validation, uncalibrated, in the order of <see cref="RunLogits.Runs"/>.</summary>
    public required ImmutableArray<ClassificationReport> SingleModels { get; init; }

    /// <summary>Rule that combines the members.</summary>
    public required CombineRule Combine { get; init; }

    /// <summary>Cross-validated score; null if there are too few rows, or nothing was searched and nothing compared.</summary>
    /// <remarks>Calibration, search and weights are repeated without each fifth of the rows, which are then predicted.</remarks>
    public Interval? HeldOut { get; init; }

    /// <summary>All ways of combining that were measured, best held-out score first.</summary>
    public ImmutableArray<Candidate> Candidates { get; init; } = [];

    /// <summary>Ways of combining that would exceed the budget.</summary>
    public ImmutableArray<SkippedCandidate> Skipped { get; init; } = [];

    /// <summary>Members that were not used, each with its reason.</summary>
    public ImmutableArray<LeftOutMember> LeftOut { get; init; } = [];

    /// <summary>Reasons of the choice, and what was resolved or could not be checked, in whole sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The ensemble's prediction for validation.</summary>
    public required EnsemblePrediction Prediction { get; init; }

    /// <summary>Scores from the best single member to all members with equal weights, and then of the ensemble itself if it is weighted.</summary>
    public ImmutableArray<LadderStep> Ladder { get; init; } = [];

    /// <summary>A sentence, if a smaller ensemble is as good within noise.</summary>
    public string? Warning { get; init; }

    /// <summary>Definition from which the ensemble can be rebuilt.</summary>
    public required EnsembleFile Definition { get; init; }

    /// <summary>Predictions for the test rows; null if there are no test logits.</summary>
    public TestPrediction? Test { get; init; }

    /// <summary>Validation tables of all runs.</summary>
    public required RunLogits Validation { get; init; }
}

using System.Collections.Immutable;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>What an ensemble came to.</summary>
public sealed record EnsembleReport
{
    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>The models, best first, also those left out.</summary>
    public required ImmutableArray<MemberScore> Members { get; init; }

    /// <summary>Validation rows.</summary>
    public required int Rows { get; init; }

    /// <summary>How it was found, in words.</summary>
    public required string Method { get; init; }

    /// <summary>What was searched for.</summary>
    public required Objective Objective { get; init; }

    /// <summary>The ensemble on validation.</summary>
    public required ClassificationReport Evaluation { get; init; }

    /// <summary>The soft vote of all models on validation, with the same temperatures.</summary>
    public required ClassificationReport All { get; init; }

    /// <summary>How members become one vote.</summary>
    public required CombineRule Combine { get; init; }

    /// <summary>
    /// The score on rows that were not seen: calibration, search and weights are made anew without each fifth of the rows, which they then vote on; null where nothing
    /// was searched or there are too few rows.
    /// </summary>
    public Interval? HeldOut { get; init; }

    /// <summary>Other ways of combining, the best on rows not seen first.</summary>
    public ImmutableArray<Candidate> Candidates { get; init; } = [];

    /// <summary>Ways of combining that were left out for their cost.</summary>
    public ImmutableArray<string> Skipped { get; init; } = [];

    /// <summary>The ensemble's vote on validation.</summary>
    public required EnsemblePrediction Prediction { get; init; }

    /// <summary>From the best single member to the whole with equal weights, and then, where it is no plain soft vote, the ensemble as it is.</summary>
    public ImmutableArray<LadderStep> Ladder { get; init; } = [];

    /// <summary>A sentence where a smaller ensemble is as good within noise.</summary>
    public string? Warning { get; init; }

    /// <summary>The file with the test predictions; null where there are no test logits.</summary>
    public string? Submission { get; init; }

    /// <summary>The file from which it can be made again.</summary>
    public required string File { get; init; }

    /// <summary>Validation tables of all runs.</summary>
    public required RunLogits Validation { get; init; }
}

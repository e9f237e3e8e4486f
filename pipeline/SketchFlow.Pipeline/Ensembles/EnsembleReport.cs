using System.Collections.Immutable;
using SketchFlow.Scoring;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One way of combining beside the others.</summary>
/// <param name="Name">In words.</param>
/// <param name="Seen">Score on the rows that it was fitted on.</param>
/// <param name="HeldOut">Score with its interval on rows that it did not see, by five folds, everything fitted anew in each; null where there are too few rows.</param>
/// <param name="LogLoss">Log-loss on rows that it did not see, or, where there are too few, that it did.</param>
public sealed record Rival(string Name, double Seen, Interval? HeldOut, double LogLoss);

/// <summary>One model's part in an ensemble.</summary>
/// <param name="Name">Run.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Accuracy">Its own top-1 on validation.</param>
/// <param name="LogLoss">Its own mean cross entropy on validation, as trained.</param>
/// <param name="Weight">Its weight in the ensemble; 0 where it was left out.</param>
/// <param name="Temperature">What its logits are divided by.</param>
public sealed record Member(string Name, string Model, double Accuracy, double LogLoss, double Weight, double Temperature);

/// <summary>One rung of the ladder: the ensemble so far.</summary>
/// <param name="Added">The run that came.</param>
/// <param name="Score">The score with it, and its interval.</param>
/// <param name="Gain">The score less that of the rung before; for the first its own.</param>
public sealed record Rung(string Added, Interval Score, double Gain);

/// <summary>What an ensemble came to.</summary>
public sealed record EnsembleReport
{
    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>The models, best first, also those left out.</summary>
    public required ImmutableArray<Member> Members { get; init; }

    /// <summary>Validation rows.</summary>
    public required int Rows { get; init; }

    /// <summary>How it was found, in words.</summary>
    public required string Method { get; init; }

    /// <summary>What was searched for.</summary>
    public required Aim Aim { get; init; }

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
    public ImmutableArray<Rival> Rivals { get; init; } = [];

    /// <summary>Ways of combining that were left out for their cost.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>The ensemble's vote on validation.</summary>
    public required Vote Vote { get; init; }

    /// <summary>From the best single member to the whole with equal weights, and then, where it is no plain soft vote, the ensemble as it is.</summary>
    public ImmutableArray<Rung> Ladder { get; init; } = [];

    /// <summary>A sentence where a smaller ensemble is as good within noise.</summary>
    public string? Warning { get; init; }

    /// <summary>The file with the test predictions; null where there are no test logits.</summary>
    public string? Submission { get; init; }

    /// <summary>The file from which it can be made again.</summary>
    public required string File { get; init; }

    /// <summary>Validation tables of all runs.</summary>
    public required EnsembleTables Validation { get; init; }
}

/// <summary>One voter's first classes for an image.</summary>
/// <param name="Run">The run, or <c>ensemble</c>.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Classes">Class names and calibrated probabilities, the most probable first.</param>
public sealed record ExplainedVote(string Run, double Weight, ImmutableArray<(string Class, double Probability)> Classes);

/// <summary>How an ensemble voted on one image.</summary>
/// <param name="Split">val or test.</param>
/// <param name="Id">Row number.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="Target">Its class, where known.</param>
/// <param name="Votes">The members, and the whole last.</param>
public sealed record Explanation(string Split, long Id, string ImagePath, string? Target, ImmutableArray<ExplainedVote> Votes);

using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

/// <summary>A fitted combination of models, ready to predict any of their rows.</summary>
public sealed record Combination
{
    /// <summary>Rule that combines the members.</summary>
    public CombineRule Rule { get; init; } = CombineRule.Soft;

    /// <summary>Divisor of each model's logits.</summary>
    public required ImmutableArray<double> Temperatures { get; init; }

    /// <summary>Weight of each model; models of weight 0 are not members, under any rule.</summary>
    public required ImmutableArray<double> Weights { get; init; }

    /// <summary>Weights of <see cref="CombineRule.PerClass"/>: members (weight above 0) × classes.</summary>
    public double[,]? ClassWeights { get; init; }

    /// <summary>Model of <see cref="CombineRule.Stacked"/>, fitted on the members.</summary>
    public StackedModel? Stack { get; init; }

    /// <summary>Positions of the models with a weight above 0.</summary>
    public IReadOnlyList<int> Members => [.. Enumerable.Range(0, Weights.Length).Where(m => Weights[m] > 0)];

    /// <summary>Whether this is the unweighted mean of the members' probabilities.</summary>
    public bool Plain => Rule == CombineRule.Soft && Weights.Where(w => w > 0).Distinct().Count() <= 1;

    /// <summary>Predicts rows from the logits of all models, in the order of the weights.</summary>
    /// <exception cref="RefusalException">The number of models differs, or no weight is above 0.</exception>
    public EnsemblePrediction Apply(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var members = Members;
        if (set.Members.Length != Weights.Length || Temperatures.Length != Weights.Length || members.Count == 0)
        {
            throw new RefusalException(
                $"The combination has {Weights.Length} weights ({members.Count} above 0) and {Temperatures.Length} temperatures "
                + $"for {set.Members.Length} models, expected one per model and one weight above 0.");
        }

        return ApplyCalibrated(set.WithMembers(members).Calibrated([.. members.Select(m => Temperatures[m])]));
    }

    /// <summary>Predicts rows from the logits of the members alone, already divided by their temperatures.</summary>
    public EnsemblePrediction ApplyCalibrated(LogitsSet members)
    {
        double[] weights = [.. Members.Select(m => Weights[m])];
        return Rule switch
        {
            CombineRule.Soft => Combine.SoftVote(members, weights),
            CombineRule.Logits => Combine.GeometricMean(members, weights),
            CombineRule.Rank => Combine.RankAverage(members, weights),
            CombineRule.Hard => Combine.HardVote(members, weights),
            CombineRule.PerClass => Combine.PerClass(members, ClassWeights ?? throw new InvalidOperationException("There are no class weights.")),
            _ => (Stack ?? throw new InvalidOperationException("A stacked combination has no stack.")).Predict(members),
        };
    }
}

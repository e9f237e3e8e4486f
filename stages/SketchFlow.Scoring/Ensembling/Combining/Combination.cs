using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

/// <summary>A combination, fitted and ready to vote on any rows of the same models.</summary>
public sealed record Combination
{
    /// <summary>How members become one vote.</summary>
    public CombineRule Rule { get; init; } = CombineRule.Soft;

    /// <summary>What each model's logits are divided by.</summary>
    public required ImmutableArray<double> Temperatures { get; init; }

    /// <summary>Weight of each model; a model of weight 0 has no part, whatever the rule.</summary>
    public required ImmutableArray<double> Weights { get; init; }

    /// <summary>For <see cref="CombineRule.PerClass"/>: members (of weight above 0) × classes.</summary>
    public double[,]? ClassWeights { get; init; }

    /// <summary>For <see cref="CombineRule.Stacked"/>: fitted on the members of weight above 0.</summary>
    public StackedModel? Stack { get; init; }

    /// <summary>Positions of the members.</summary>
    public IReadOnlyList<int> Members => [.. Enumerable.Range(0, Weights.Length).Where(m => Weights[m] > 0)];

    /// <summary>Whether it is the plain soft vote: the mean of the members' probabilities.</summary>
    public bool Plain => Rule == CombineRule.Soft && Weights.Where(w => w > 0).Distinct().Count() <= 1;

    /// <summary>The vote on rows of the same models, in the same order.</summary>
    /// <exception cref="RefusalException">The models are not as many, or no weight is above 0.</exception>
    public EnsemblePrediction Apply(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var inside = Members;
        if (set.Members.Length != Weights.Length || Temperatures.Length != Weights.Length || inside.Count == 0)
        {
            throw new RefusalException(
                $"The combination has {Weights.Length} weights ({inside.Count} above 0) and {Temperatures.Length} temperatures for {set.Members.Length} models, expected one a model and one weight above 0.");
        }

        var members = set.WithMembers(inside).Calibrated([.. inside.Select(m => Temperatures[m])]);
        double[] weights = [.. inside.Select(m => Weights[m])];
        return Rule switch
        {
            CombineRule.Soft => Combine.SoftVote(members, weights),
            CombineRule.Logits => Combine.GeometricMean(members, weights),
            CombineRule.Rank => Combine.RankAverage(members, weights),
            CombineRule.Hard => Combine.HardVote(members, weights),
            CombineRule.PerClass => Combine.PerClass(members, ClassWeights ?? throw new InvalidOperationException("A combination by class has no class weights.")),
            _ => (Stack ?? throw new InvalidOperationException("A stacked combination has no stack.")).Predict(members),
        };
    }
}

using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Metrics;

/// <summary>What a search makes as good as it can. Scores are such that more is better.</summary>
public enum Objective
{
    /// <summary>Share of rows that are right; the lowest class number wins a tie.</summary>
    Accuracy,

    /// <summary>Minus the mean of -log p(target), in nats, with p at least <see cref="Softmax.SmallestProbability"/>.</summary>
    LogLoss,

    /// <summary>Mean F1 of the classes that occur among targets or predictions.</summary>
    MacroF1,
}

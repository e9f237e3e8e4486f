using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Metrics;

/// <summary>Objective of a search. All scores are higher for better ensembles.</summary>
public enum Objective
{
    /// <summary>Share of correct rows; the lowest class number wins a tie.</summary>
    Accuracy,

    /// <summary>Mean of log p(target), in nats, with p at least <see cref="Softmax.SmallestProbability"/>.</summary>
    LogLoss,

    /// <summary>Mean F1 of the classes that occur among targets or predictions.</summary>
    MacroF1,
}

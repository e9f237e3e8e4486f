using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>An optimiser related to Adam: it keeps a mean of the gradients and a mean of their squares.</summary>
public abstract record TwoMomentOptimizer : Optimizer
{
    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Number added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Beta1 is >= 0 and < 1, Beta1, "0 to below 1");
        checks.Require(Beta2 is >= 0 and < 1, Beta2, "0 to below 1");
        checks.Require(Epsilon > 0, Epsilon, "above 0");
    }
}

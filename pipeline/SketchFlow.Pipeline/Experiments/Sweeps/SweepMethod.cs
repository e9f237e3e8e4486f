namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Methods to choose the next trial.</summary>
public enum SweepMethod
{
    /// <summary>Every combination, in order.</summary>
    Grid,

    /// <summary>Random draws from the distributions.</summary>
    Random,

    /// <summary>The point with the largest expected improvement under a Gaussian process fitted to the trials so far.</summary>
    Bayes,
}

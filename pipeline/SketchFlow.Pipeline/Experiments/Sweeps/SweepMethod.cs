namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>How the next trial is chosen.</summary>
public enum SweepMethod
{
    /// <summary>Every combination, in order.</summary>
    Grid,

    /// <summary>Drawn from the distributions.</summary>
    Random,

    /// <summary>Where a Gaussian process over the trials so far expects the largest improvement.</summary>
    Bayes,
}

namespace SketchFlow.Learning.Training;

/// <summary>Outcome of one training step.</summary>
/// <param name="Loss">Mean loss of the batch, with label smoothing, without penalties.</param>
/// <param name="Correct">Number of images whose highest logit is their target.</param>
/// <param name="Count">Number of images.</param>
/// <param name="GradientNorm">2-norm of the whole gradient before clipping.</param>
/// <param name="Stepped">False if the loss or the gradient was not finite and the parameters were left unchanged.</param>
public readonly record struct StepOutcome(double Loss, int Correct, int Count, double GradientNorm, bool Stepped)
{
    /// <summary>Value of the L1 and L2 penalties, which are part of the minimised loss.</summary>
    public double Penalty { get; init; }

    /// <summary>
    /// Whether the step was skipped only because the loss scale of float16 was too large: the loss was finite, and the scale, which is now reduced, was
    /// above 1. A few such steps at the start of a run are normal.
    /// </summary>
    public bool IsScaleOverflow { get; init; }
}

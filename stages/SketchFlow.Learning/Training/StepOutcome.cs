namespace SketchFlow.Learning.Training;

/// <summary>What one step came to.</summary>
/// <param name="Loss">Mean loss of the batch, with label smoothing, without penalties.</param>
/// <param name="Correct">Images whose highest logit is their target.</param>
/// <param name="Count">Images.</param>
/// <param name="GradientNorm">2-norm of the whole gradient before clipping.</param>
/// <param name="Stepped">False where the loss or the gradient was not finite and the parameters stayed.</param>
public readonly record struct StepOutcome(double Loss, int Correct, int Count, double GradientNorm, bool Stepped)
{
    /// <summary>What the L1 and L2 penalties add to the loss.</summary>
    public double Penalty { get; init; }
}

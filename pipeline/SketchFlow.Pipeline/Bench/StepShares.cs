namespace SketchFlow.Pipeline.Bench;

/// <summary>The time of a step and of its operations measured alone, in seconds.</summary>
/// <param name="Step">Time of the step in SketchFlow.</param>
/// <param name="Convolutions">Time of the convolutions alone.</param>
/// <param name="Linear">Time of the matrix products with weights alone.</param>
/// <param name="Attention">Time of the attention operations alone.</param>
public sealed record StepShares(double Step, double Convolutions, double Linear, double Attention)
{
    /// <summary>
    /// Remaining time of the step: norms, activations, sums, copies and casts; in training also their gradients, the loss and the optimiser. It is
    /// negative if the operations were faster within the step than alone.
    /// </summary>
    public double Remainder => Step - Convolutions - Linear - Attention;
}

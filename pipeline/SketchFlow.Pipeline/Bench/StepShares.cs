namespace SketchFlow.Pipeline.Bench;

/// <summary>A step's time and what of it the operations need by themselves, in seconds.</summary>
/// <param name="Step">SketchFlow's step.</param>
/// <param name="Convolutions">Its convolutions alone.</param>
/// <param name="Linear">Its matrix products with weights alone.</param>
/// <param name="Attention">Its attentions alone.</param>
public sealed record StepShares(double Step, double Convolutions, double Linear, double Attention)
{
    /// <summary>What is left: norms, activations, sums, copies and casts; in training their gradients, the loss and the optimiser. Below 0 where the step ran the operations faster than they ran alone.</summary>
    public double Remainder => Step - Convolutions - Linear - Attention;
}

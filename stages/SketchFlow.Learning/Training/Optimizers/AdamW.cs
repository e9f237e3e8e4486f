namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
public sealed record AdamW : Adam
{
    /// <summary>Creates the optimiser with its default options.</summary>
    public AdamW() => Decoupled = true;
}

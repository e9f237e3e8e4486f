using System.Collections.Immutable;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Moves one range of parameters, either in a loop over memory or by tensor operations, by the same step.</summary>
/// <remarks>
/// Both leave zeros where parameters, gradients and moments are zero: in the gaps between tensors. Tensor operations may use the gradient as
/// scratch memory, so that a step allocates nothing of the model's size.
/// </remarks>
internal abstract unsafe class UpdateRule
{
    /// <summary>Names of the moments, one flat tensor each.</summary>
    public abstract ImmutableArray<string> Moments { get; }

    /// <summary>True where the rule leaves its step in the gradient, to be scaled tensor by tensor.</summary>
    public virtual bool IsLayerwise => false;

    /// <summary>Prepares for the parameters of an age; called on one thread before they move.</summary>
    public virtual void Prepare(long age)
    {
    }

    /// <summary>Moves <paramref name="count"/> parameters, a multiple of the vector's width, and sets their gradients to zero.</summary>
    public abstract void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count);

    /// <summary>
    /// Moves parameters by tensor operations; <paramref name="g"/> contains the gradients times <see cref="RangeUpdate.Factor"/> and may be overwritten.
    /// </summary>
    /// <param name="update">Age, rate and decay of the parameters.</param>
    /// <param name="factors">Factors of the rate, element by element; null where all are 1.</param>
    /// <param name="p">Parameters.</param>
    /// <param name="g">Gradients.</param>
    /// <param name="m">Moments.</param>
    public abstract void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m);

    /// <summary>Multiplies the parameters by 1 - rate × decay.</summary>
    protected static void Shrink(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p)
    {
        if (update.Decay == 0)
        {
            return;
        }

        if (factors is null)
        {
            p.mul_(Keep(1 - (update.Rate * update.Decay)));
        }
        else
        {
            p.addcmul_(p, factors, Keep(-update.Rate * update.Decay));
        }
    }

    /// <summary>Subtracts rate × <paramref name="by"/> from the parameters.</summary>
    protected static void Descend(double rate, torch.Tensor? factors, torch.Tensor p, torch.Tensor by)
    {
        if (factors is null)
        {
            p.add_(by, alpha: Keep(-rate));
        }
        else
        {
            p.addcmul_(by, factors, Keep(-rate));
        }
    }

    /// <summary>Computes weight decay of either kind: the factor of the weights, and the share of them that is added to the gradient.</summary>
    protected static (float Shrink, float L2) Decay(bool decoupled, in RangeUpdate update) =>
        decoupled ? ((float)(1 - (update.Rate * update.Decay)), 0) : (1, (float)update.Decay);

    /// <summary>Applies weight decay of either kind by tensor operations.</summary>
    protected static void Decay(bool decoupled, in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g)
    {
        if (decoupled)
        {
            Shrink(update, factors, p);
        }
        else if (update.Decay != 0)
        {
            g.add_(p, alpha: Keep(update.Decay));
        }
    }
}

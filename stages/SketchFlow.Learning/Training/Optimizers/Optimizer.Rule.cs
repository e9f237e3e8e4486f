using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>How one stretch of parameters moves, in a loop over memory and in tensor operations: the same step in both ways.</summary>
    /// <remarks>
    /// Both leave zeros where parameters, gradients and moments are zero: the gaps. Tensor operations may use the gradient as
    /// their scratch, so that a step allocates nothing of the model's size.
    /// </remarks>
    internal abstract unsafe class Rule
    {
        /// <summary>Names of the moments, one flat tensor each.</summary>
        public abstract ImmutableArray<string> Moments { get; }

        /// <summary>True where the rule leaves its step in the gradient, to be scaled tensor by tensor.</summary>
        public virtual bool IsLayerwise => false;

        /// <summary>The rule that <paramref name="options"/> name.</summary>
        public static Rule Of(OptimizerOptions options) => options.Kind switch
        {
            OptimizerKind.Adam or OptimizerKind.AdamW => new AdamRule(options),
            OptimizerKind.Sgd => new SgdRule(options),
            OptimizerKind.NAdam => new NAdamRule(options),
            OptimizerKind.RAdam => new RAdamRule(options),
            OptimizerKind.Lion => new LionRule(options),
            OptimizerKind.Lamb => new LambRule(options),
            OptimizerKind.Adan => new AdanRule(options),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "No such optimiser."),
        };

        /// <summary>Called on one thread before the parameters of an age move.</summary>
        public virtual void Prepare(long age)
        {
        }

        /// <summary>Moves <paramref name="count"/> parameters, a multiple of the vector's width, and sets their gradients to zero.</summary>
        public abstract void Loop(in Move move, float* p, float* g, Moments m, int count);

        /// <summary>The same by tensor operations; <paramref name="g"/> holds the gradients times <see cref="Move.Factor"/> and may be overwritten.</summary>
        /// <param name="move">What to know.</param>
        /// <param name="factors">Factors of the rate, element by element; null where the rate is one.</param>
        /// <param name="p">Parameters.</param>
        /// <param name="g">Gradients.</param>
        /// <param name="m">Moments.</param>
        public abstract void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m);

        /// <summary>p × (1 - rate × decay).</summary>
        protected static void Shrink(in Move move, torch.Tensor? factors, torch.Tensor p)
        {
            if (move.Decay == 0)
            {
                return;
            }

            if (factors is null)
            {
                p.mul_(1 - (move.Rate * move.Decay));
            }
            else
            {
                p.addcmul_(p, factors, -move.Rate * move.Decay);
            }
        }

        /// <summary>p - rate × by.</summary>
        protected static void Descend(double rate, torch.Tensor? factors, torch.Tensor p, torch.Tensor by)
        {
            if (factors is null)
            {
                p.add_(by, alpha: -rate);
            }
            else
            {
                p.addcmul_(by, factors, -rate);
            }
        }

        /// <summary>Decay of the one kind or the other: the factor of the weights, and what of them is added to the gradient.</summary>
        protected static (float Shrink, float L2) Decay(bool decoupled, in Move move) =>
            decoupled ? ((float)(1 - (move.Rate * move.Decay)), 0) : (1, (float)move.Decay);

        /// <summary>The same by tensor operations.</summary>
        protected static void Decay(bool decoupled, in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g)
        {
            if (decoupled)
            {
                Shrink(move, factors, p);
            }
            else if (move.Decay != 0)
            {
                g.add_(p, alpha: move.Decay);
            }
        }
    }
}

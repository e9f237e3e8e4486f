using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>The rules of Adam's kin keep a mean of the gradients and one of their squares; what they make of them is their own.</summary>
    private abstract class TwoMoments(OptimizerOptions options) : Rule
    {
        public sealed override ImmutableArray<string> Moments => ["first", "second"];

        protected (double Beta1, double Beta2, double Beta3, double Epsilon) Is { get; } = options.Constants;

        protected bool Decoupled { get; } = options.IsDecoupled;

        /// <summary>Takes the gradients into both means.</summary>
        protected void Average(torch.Tensor g, torch.Tensor[] m)
        {
            m[0].mul_(Is.Beta1).add_(g, alpha: 1 - Is.Beta1);
            m[1].mul_(Is.Beta2).addcmul_(g, g, 1 - Is.Beta2);
        }
    }
}

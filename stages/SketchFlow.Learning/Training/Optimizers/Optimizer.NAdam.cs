using System.Numerics;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

public sealed partial class Optimizer
{
    /// <summary>NAdam, as <c>torch.optim.NAdam</c>: the step is made of the gradient and of the moment one step ahead.</summary>
    private sealed unsafe class NAdamRule(OptimizerOptions options) : TwoMoments(options)
    {
        private readonly double _momentumDecay = options.MomentumDecay;
        private readonly Dictionary<long, double> _products = new() { [0] = 1 };

        // The product of the momenta so far is a function of the age; the last few are kept, since every age but one follows another.
        public override void Prepare(long age)
        {
            if (_products.ContainsKey(age))
            {
                return;
            }

            var known = _products.Keys.Where(k => k < age).Max();
            var product = _products[known];
            for (var i = known + 1; i <= age; i++)
            {
                product *= Momentum(i);
            }

            _products[age] = product;
            foreach (var old in _products.Keys.Where(k => k > 0 && k < age - 1).Order().SkipLast(64).ToList())
            {
                _products.Remove(old);
            }
        }

        public override void Loop(in Move move, float* p, float* g, Moments m, int count)
        {
            var (shrink, l2) = Decay(Decoupled, move);
            var (factor, beta1, beta2) = ((float)move.Factor, (float)Is.Beta1, (float)Is.Beta2);
            var (byGradient, byFirst, root) = Coefficients(move);
            var (a, b, rootCorrection, epsilon) = ((float)byGradient, (float)byFirst, (float)root, new Vector<float>((float)Is.Epsilon));
            for (var i = 0; i < count; i += Vector<float>.Count)
            {
                var w = Vector.Load(p + i);
                var gradient = (Vector.Load(g + i) * factor) + (w * l2);
                var first = (Vector.Load(m.A + i) * beta1) + (gradient * (1 - beta1));
                var second = (Vector.Load(m.B + i) * beta2) + (gradient * gradient * (1 - beta2));
                Vector.Store(first, m.A + i);
                Vector.Store(second, m.B + i);
                Vector.Store((w * shrink) - (((gradient * a) + (first * b)) / ((Vector.SquareRoot(second) * rootCorrection) + epsilon)), p + i);
                Vector.Store(Vector<float>.Zero, g + i);
            }
        }

        public override void ByTensors(in Move move, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(Decoupled, move, factors, p, g);
            var (byGradient, byFirst, root) = Coefficients(move with { Rate = 1 });
            Average(g, m);
            // The one temporary of the model's size: gradient and denominator are needed at once.
            using var denominator = m[1].sqrt();
            denominator.mul_(root).add_(Is.Epsilon);
            Descend(move.Rate, factors, p, g.mul_(byGradient).add_(m[0], alpha: byFirst).div_(denominator));
        }

        private double Momentum(long age) => Is.Beta1 * (1 - (0.5 * Math.Pow(0.96, age * _momentumDecay)));

        private (double ByGradient, double ByFirst, double RootCorrection) Coefficients(in Move move)
        {
            var (now, next, product) = (Momentum(move.Age), Momentum(move.Age + 1), _products[move.Age]);
            return (
                move.Rate * (1 - now) / (1 - product), move.Rate * next / (1 - (product * next)), 1 / Math.Sqrt(1 - Math.Pow(Is.Beta2, move.Age)));
        }
    }
}

using System.Numerics;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Kinds;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Adam with Nesterov's momentum (Dozat, 2016), as <c>torch.optim.NAdam</c>.</summary>
public sealed record NAdam : TwoMomentOptimizer
{
    /// <summary>Speed at which the momentum approaches beta1.</summary>
    public double MomentumDecay { get; init; } = 4e-3;

    /// <summary>Whether weight decay shrinks the weights (true) or is added to their gradient (false).</summary>
    public bool Decoupled { get; init; }

    internal override UpdateRule CreateRule() => new Rule(this);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(MomentumDecay >= 0, MomentumDecay, "0 or more");
    }

    // The step consists of the gradient and of the moment one step ahead.
    private sealed unsafe class Rule(NAdam options) : TwoMomentRule(options)
    {
        private readonly bool _decoupled = options.Decoupled;
        private readonly double _momentumDecay = options.MomentumDecay;
        private readonly Dictionary<long, double> _products = new() { [0] = 1 };

        // The product of the momenta so far is a function of the age; the last few are kept, because an age usually follows the previous one.
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

        public override void Loop(in RangeUpdate update, float* p, float* g, MomentPointers m, int count)
        {
            var (shrink, l2) = Decay(_decoupled, update);
            var (factor, beta1, beta2) = ((float)update.Factor, (float)Beta1, (float)Beta2);
            var (byGradient, byFirst, root) = Coefficients(update);
            var (a, b, rootCorrection, epsilon) = ((float)byGradient, (float)byFirst, (float)root, new Vector<float>((float)Epsilon));
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

        public override void ByTensors(in RangeUpdate update, torch.Tensor? factors, torch.Tensor p, torch.Tensor g, torch.Tensor[] m)
        {
            Decay(_decoupled, update, factors, p, g);
            var (byGradient, byFirst, root) = Coefficients(update with { Rate = 1 });
            Average(g, m);
            // The only temporary of the model's size: gradient and denominator are needed at the same time.
            using var denominator = m[1].sqrt();
            denominator.mul_(Keep(root)).Increase(Epsilon);
            Descend(update.Rate, factors, p, g.mul_(Keep(byGradient)).add_(m[0], alpha: Keep(byFirst)).div_(denominator));
        }

        private double Momentum(long age) => Beta1 * (1 - (0.5 * Math.Pow(0.96, age * _momentumDecay)));

        private (double ByGradient, double ByFirst, double RootCorrection) Coefficients(in RangeUpdate update)
        {
            var (now, next, product) = (Momentum(update.Age), Momentum(update.Age + 1), _products[update.Age]);
            return (
                update.Rate * (1 - now) / (1 - product), update.Rate * next / (1 - (product * next)), 1 / Math.Sqrt(1 - Math.Pow(Beta2, update.Age)));
        }
    }
}

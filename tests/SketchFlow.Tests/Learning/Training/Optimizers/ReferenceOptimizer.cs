using SketchFlow.Learning.Training.Optimizers;

namespace SketchFlow.Tests.Learning.Training.Optimizers;

/// <summary>Every optimiser's rule for one tensor in float64, element by element, as its paper or PyTorch's page writes it.</summary>
internal sealed class ReferenceOptimizer(OptimizerOptions options, float[] start, bool decays)
{
    private readonly double[] _m = new double[start.Length];
    private readonly double[] _v = new double[start.Length];
    private readonly double[] _d = new double[start.Length];
    private readonly double[] _previous = new double[start.Length];
    private readonly double[] _u = new double[start.Length];
    private double _product = 1;
    private int _age;

    public double[] P { get; } = [.. start.Select(p => (double)p)];

    public void Step(float[] gradient, double rate)
    {
        _age++;
        var decay = decays ? options.WeightDecay : 0;
        var (b1, b2, b3) = options.Kind switch { OptimizerKind.Adan => (0.98, 0.92, 0.99), OptimizerKind.Lion => (0.9, 0.99, 0), _ => (0.9, 0.999, 0.0) };
        var epsilon = options.Kind == OptimizerKind.Lamb ? 1e-6 : 1e-8;
        var apart = options.Decoupled ?? options.Kind is OptimizerKind.AdamW or OptimizerKind.Lion;
        var l2 = !apart && options.Kind is OptimizerKind.Sgd or OptimizerKind.Adam or OptimizerKind.NAdam or OptimizerKind.RAdam;
        var mu = 0.9 * (1 - (0.5 * Math.Pow(0.96, _age * 0.004)));
        var next = 0.9 * (1 - (0.5 * Math.Pow(0.96, (_age + 1) * 0.004)));
        _product *= mu;
        for (var i = 0; i < P.Length; i++)
        {
            var g = gradient[i] + (l2 && !apart ? decay * P[i] : 0);
            if (apart)
            {
                P[i] *= 1 - (rate * decay);
            }

            if (options.Kind == OptimizerKind.Sgd)
            {
                _m[i] = (options.Momentum * _m[i]) + g;
                P[i] -= rate * (options.Nesterov ? g + (options.Momentum * _m[i]) : _m[i]);
                continue;
            }

            if (options.Kind == OptimizerKind.Lion)
            {
                P[i] -= rate * Math.Sign((b1 * _m[i]) + ((1 - b1) * g));
                _m[i] = (b2 * _m[i]) + ((1 - b2) * g);
                continue;
            }

            if (options.Kind == OptimizerKind.Adan)
            {
                var difference = _age == 1 ? 0 : g - _previous[i];
                _previous[i] = g;
                _m[i] = (b1 * _m[i]) + ((1 - b1) * g);
                _d[i] = (b2 * _d[i]) + ((1 - b2) * difference);
                _v[i] = (b3 * _v[i]) + ((1 - b3) * Math.Pow(g + (b2 * difference), 2));
                var under = Math.Sqrt(_v[i] / (1 - Math.Pow(b3, _age))) + epsilon;
                P[i] -= rate * ((_m[i] / (1 - Math.Pow(b1, _age))) + (b2 * _d[i] / (1 - Math.Pow(b2, _age)))) / under;
                P[i] /= 1 + (rate * decay);
                continue;
            }

            _m[i] = (b1 * _m[i]) + ((1 - b1) * g);
            _v[i] = (b2 * _v[i]) + ((1 - b2) * g * g);
            var (c1, c2) = (1 - Math.Pow(b1, _age), 1 - Math.Pow(b2, _age));
            var root = Math.Sqrt(_v[i] / c2) + epsilon;
            switch (options.Kind)
            {
                case OptimizerKind.NAdam:
                    P[i] -= rate * (((1 - mu) / (1 - _product) * g) + (next / (1 - (_product * next)) * _m[i])) / root;
                    break;
                case OptimizerKind.RAdam:
                    var longest = (2 / (1 - b2)) - 1;
                    var rho = longest - (2 * _age * Math.Pow(b2, _age) / c2);
                    P[i] -= rate * _m[i] / c1 * (rho > 5
                        ? Math.Sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)) * Math.Sqrt(c2) / (Math.Sqrt(_v[i]) + epsilon)
                        : 1);
                    break;
                case OptimizerKind.Lamb:
                    _u[i] = (_m[i] / c1 / root) + (decay * P[i]);
                    break;
                default:
                    P[i] -= rate * _m[i] / c1 / root;
                    break;
            }
        }

        if (options.Kind == OptimizerKind.Lamb)
        {
            var (w, u) = (Math.Sqrt(P.Sum(p => p * p)), Math.Sqrt(_u.Sum(x => x * x)));
            var trust = decay != 0 && w > 0 && u > 0 ? w / u : 1;
            for (var i = 0; i < P.Length; i++)
            {
                P[i] -= rate * trust * _u[i];
            }
        }
    }
}

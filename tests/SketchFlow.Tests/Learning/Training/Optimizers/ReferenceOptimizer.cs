using SketchFlow.Learning.Training.Optimizers;

namespace SketchFlow.Tests.Learning.Training.Optimizers;

/// <summary>Every optimiser for one tensor in float64, element by element, following its paper or PyTorch's page.</summary>
internal sealed class ReferenceOptimizer(Optimizer options, float[] start, bool decays)
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
        var decoupled = options switch
        {
            Adam adam => adam.Decoupled,
            NAdam nadam => nadam.Decoupled,
            RAdam radam => radam.Decoupled,
            Sgd sgd => sgd.Decoupled,
            _ => options is Lion,
        };
        var isL2 = !decoupled && options is not (Lamb or Adan);
        _product *= NesterovMomentum(_age);
        for (var i = 0; i < P.Length; i++)
        {
            var g = gradient[i] + (isL2 ? decay * P[i] : 0);
            if (decoupled)
            {
                P[i] *= 1 - (rate * decay);
            }

            switch (options)
            {
                case Sgd sgd:
                    _m[i] = (sgd.Momentum * _m[i]) + g;
                    P[i] -= rate * (sgd.Nesterov ? g + (sgd.Momentum * _m[i]) : _m[i]);
                    break;
                case Lion:
                    P[i] -= rate * Math.Sign((0.9 * _m[i]) + ((1 - 0.9) * g));
                    _m[i] = (0.99 * _m[i]) + ((1 - 0.99) * g);
                    break;
                case Adan:
                    StepOfAdan(i, g, rate, decay);
                    break;
                default:
                    StepOfTwoMoments(i, g, rate, decay);
                    break;
            }
        }

        if (options is Lamb)
        {
            var (w, u) = (Math.Sqrt(P.Sum(p => p * p)), Math.Sqrt(_u.Sum(x => x * x)));
            var trust = decay != 0 && w > 0 && u > 0 ? w / u : 1;
            for (var i = 0; i < P.Length; i++)
            {
                P[i] -= rate * trust * _u[i];
            }
        }
    }

    private void StepOfAdan(int i, double g, double rate, double decay)
    {
        const double B1 = 0.98, B2 = 0.92, B3 = 0.99;
        var difference = _age == 1 ? 0 : g - _previous[i];
        _previous[i] = g;
        _m[i] = (B1 * _m[i]) + ((1 - B1) * g);
        _d[i] = (B2 * _d[i]) + ((1 - B2) * difference);
        _v[i] = (B3 * _v[i]) + ((1 - B3) * Math.Pow(g + (B2 * difference), 2));
        var root = Math.Sqrt(_v[i] / (1 - Math.Pow(B3, _age))) + 1e-8;
        P[i] -= rate * ((_m[i] / (1 - Math.Pow(B1, _age))) + (B2 * _d[i] / (1 - Math.Pow(B2, _age)))) / root;
        P[i] /= 1 + (rate * decay);
    }

    private void StepOfTwoMoments(int i, double g, double rate, double decay)
    {
        const double B1 = 0.9, B2 = 0.999;
        var epsilon = options is Lamb ? 1e-6 : 1e-8;
        _m[i] = (B1 * _m[i]) + ((1 - B1) * g);
        _v[i] = (B2 * _v[i]) + ((1 - B2) * g * g);
        var (c1, c2) = (1 - Math.Pow(B1, _age), 1 - Math.Pow(B2, _age));
        var root = Math.Sqrt(_v[i] / c2) + epsilon;
        switch (options)
        {
            case NAdam:
                var (now, next) = (NesterovMomentum(_age), NesterovMomentum(_age + 1));
                P[i] -= rate * (((1 - now) / (1 - _product) * g) + (next / (1 - (_product * next)) * _m[i])) / root;
                break;
            case RAdam:
                var longest = (2 / (1 - B2)) - 1;
                var rho = longest - (2 * _age * Math.Pow(B2, _age) / c2);
                P[i] -= rate * _m[i] / c1 * (rho > 5
                    ? Math.Sqrt((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)) * Math.Sqrt(c2) / (Math.Sqrt(_v[i]) + epsilon)
                    : 1);
                break;
            case Lamb:
                _u[i] = (_m[i] / c1 / root) + (decay * P[i]);
                break;
            case Adam:
                P[i] -= rate * _m[i] / c1 / root;
                break;
            default:
                throw new NotSupportedException($"{options.Name} has no reference formula, expected one here.");
        }
    }

    private static double NesterovMomentum(int age) => 0.9 * (1 - (0.5 * Math.Pow(0.96, age * 0.004)));
}

using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Training.Losses;

/// <summary>Compares every loss with its formula in float64, and its gradient with finite differences of the formula.</summary>
public class LossTests
{
    [Property(MaxTest = 150)]
    public void Every_loss_is_its_formula_and_its_gradient_the_formulas_differences(byte kind, long seed, bool soft, bool weighted, bool smoothed, byte gamma)
    {
        using var scope = torch.NewDisposeScope();
        var (options, x, q, hard) = Draw(new Case(kind, seed, soft, weighted, smoothed, gamma));
        var logits = torch.tensor(Floats(x)).reshape(x.GetLength(0), x.GetLength(1)).requires_grad_(true);
        var targets = Targets(q, hard);
        var loss = options.Mean(logits, targets);
        Assert.Equal(torch.ScalarType.Float32, loss.dtype);
        var expected = Reference(options, x, q);
        Assert.Equal(expected, loss.AsDouble(), 1e-5 + (2e-5 * Math.Abs(expected)));

        loss.backward();
        var gradient = SmallModels.Values(logits.grad!);
        const double H = 1e-5;
        for (var i = 0; i < gradient.Length; i++)
        {
            var (row, column) = (i / x.GetLength(1), i % x.GetLength(1));
            var at = x[row, column];
            x[row, column] = at + H;
            var above = Reference(options, x, q);
            x[row, column] = at - H;
            var below = Reference(options, x, q);
            x[row, column] = at;
            var difference = (above - below) / (2 * H);
            Assert.Equal(difference, gradient[i], 2e-5 + (1e-4 * Math.Abs(difference)));
        }
    }

    [Property(MaxTest = 60)]
    public void The_parts_of_a_batch_add_up_to_the_whole(byte kind, long seed, bool soft, bool weighted)
    {
        using var scope = torch.NewDisposeScope();
        var (options, x, q, hard) = Draw(new Case(kind, seed, soft, weighted, true, 2));
        var logits = torch.tensor(Floats(x)).reshape(x.GetLength(0), x.GetLength(1));
        var targets = Targets(q, hard);
        var weight = options.Weight(targets, x.GetLength(1));
        var cut = x.GetLength(0) / 2;
        var sum = options.Sum(logits.narrow(0, 0, cut), targets.narrow(0, 0, cut)).AsDouble()
            + options.Sum(logits.narrow(0, cut, x.GetLength(0) - cut), targets.narrow(0, cut, x.GetLength(0) - cut)).AsDouble();
        Assert.Equal(options.Mean(logits, targets).AsDouble(), sum / weight.AsDouble(), 1e-5 * (1 + sum));
    }

    [Property(MaxTest = 60)]
    public void A_weight_of_an_image_multiplies_its_loss(byte kind, long seed, bool soft, bool weighted)
    {
        using var scope = torch.NewDisposeScope();
        var (options, x, q, hard) = Draw(new Case(kind, seed, soft, weighted, true, 2));
        var logits = torch.tensor(Floats(x)).reshape(x.GetLength(0), x.GetLength(1));
        var targets = Targets(q, hard);
        float[] weights = [.. Enumerable.Range(0, x.GetLength(0)).Select(i => i * 0.5f)];
        var expected = weights.Select((w, i) => w * options.Sum(logits.narrow(0, i, 1), targets.narrow(0, i, 1)).AsDouble()).Sum();
        Assert.Equal(expected, options.WeightedSum(logits, targets, torch.tensor(weights)).AsDouble(), 1e-5 * (1 + Math.Abs(expected)));
        var all = options.Sum(logits, targets).AsDouble();
        Assert.Equal(all, options.WeightedSum(logits, targets, torch.ones(weights.Length)).AsDouble(), 1e-5 * (1 + Math.Abs(all)));
    }

    [Property(MaxTest = 60)]
    public void One_hot_targets_have_the_loss_of_class_numbers(byte kind, long seed, bool weighted, bool smoothed)
    {
        using var scope = torch.NewDisposeScope();
        var (options, x, q, hard) = Draw(new Case(kind, seed, false, weighted, smoothed, 1));
        var logits = torch.tensor(Floats(x)).reshape(x.GetLength(0), x.GetLength(1));
        Assert.Equal(options.Mean(logits, Targets(q, hard)).AsDouble(), options.Mean(logits, Targets(q, null)).AsDouble(), 1e-5);
    }

    [Theory]
    [InlineData(torch.ScalarType.BFloat16)]
    [InlineData(torch.ScalarType.Float16)]
    public void The_loss_of_half_precision_logits_is_float32(torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var kind in KindRegistry.CreateAll<Loss>())
        {
            var logits = torch.tensor(new float[] { 9, -3, 0.5f, 60, -60, 2 }).reshape(2, 3).to(type);
            var loss = (kind with { LabelSmoothing = 0.1 }).Mean(logits, torch.tensor(new long[] { 1, 0 }));
            Assert.Equal(torch.ScalarType.Float32, loss.dtype);
            Assert.True(double.IsFinite(loss.AsDouble()), kind.Name);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Certain_logits_have_finite_gradients(double gamma)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var kind in KindRegistry.CreateAll<Loss>())
        {
            var logits = torch.tensor(new float[] { 200, -200, 0, -200, 200, 0 }).reshape(2, 3).requires_grad_(true);
            WithExponent(kind, gamma).Mean(logits, torch.tensor(new long[] { 0, 0 })).backward();
            Assert.All(SmallModels.Values(logits.grad!), g => Assert.True(float.IsFinite(g), kind.Name));
        }

        static Loss WithExponent(Loss loss, double gamma) => loss switch
        {
            Focal focal => focal with { Gamma = gamma },
            Asymmetric sigmoids => sigmoids with { GammaPositive = gamma, GammaNegative = gamma },
            AsymmetricSoftmax softmax => softmax with { GammaPositive = gamma, GammaNegative = gamma },
            _ => loss,
        };
    }

    [Fact]
    public void Class_numbers_with_weights_and_smoothing_are_libtorchs()
    {
        using var scope = torch.NewDisposeScope();
        var (logits, targets) = (torch.randn(6, 3), torch.tensor(new long[] { 0, 1, 2, 2, 2, 1 }));
        var options = new CrossEntropy { LabelSmoothing = 0.1, ClassWeights = [1, 2, 0.5] };
        var expected = torch.nn.functional.cross_entropy(logits, targets, torch.tensor(new float[] { 1, 2, 0.5f }), label_smoothing: 0.1);
        Assert.Equal(expected.AsDouble(), options.Mean(logits, targets).AsDouble(), 1e-6);
    }

    [Fact]
    public void Balance_makes_rare_classes_weigh_more()
    {
        var weights = new CrossEntropy { Balance = 1 }.WithBalance([10, 30, 20, 0]).ClassWeights!.Value;
        Assert.Equal([1.5, 0.5, 0.75, 1], weights);
        Assert.Null(new CrossEntropy().WithBalance([1, 2]).ClassWeights);
        Assert.Throws<RefusalException>(() => new CrossEntropy { Balance = 1, ClassWeights = [1, 2] }.WithBalance([1, 2]));
    }

    [Fact]
    public void A_list_of_weights_of_another_length_than_the_classes_is_refused()
    {
        var architecture = SmallModels.Perceptron();
        var options = new LearnerOptions { Loss = new CrossEntropy { ClassWeights = [1, 2] } };
        using var model = SmallModels.Model(architecture);
        var refusal = Assert.Throws<RefusalException>(() => new Learner(options, model, architecture.Preprocessing));
        Assert.Contains("2 weights, expected 3", refusal.Message, StringComparison.Ordinal);
    }

    // The formulas, term by term, following the papers and timm.
    private static double Reference(Loss o, double[,] x, double[,] q)
    {
        var (n, classes) = (x.GetLength(0), x.GetLength(1));
        var softmax = o is CrossEntropy or Focal or AsymmetricSoftmax;
        var (sum, weight) = (0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            var largest = Enumerable.Range(0, classes).Max(c => x[i, c]);
            var log = largest + Math.Log(Enumerable.Range(0, classes).Sum(c => Math.Exp(x[i, c] - largest)));
            for (var c = 0; c < classes; c++)
            {
                var w = o.ClassWeights?[c] ?? 1;
                weight += w * q[i, c];
                var smooth = (q[i, c] * (1 - o.LabelSmoothing)) + (o.LabelSmoothing / classes);
                var p = softmax ? Math.Exp(x[i, c] - log) : 1 / (1 + Math.Exp(-x[i, c]));
                sum += w * o switch
                {
                    CrossEntropy => -smooth * Math.Log(p),
                    Focal f => -f.Alpha * smooth * Math.Pow(1 - p, f.Gamma) * Math.Log(p),
                    BinaryCrossEntropy b => Binary(b.Threshold is { } t ? smooth > t ? 1 : 0 : smooth, p),
                    Asymmetric a => -(smooth * Math.Pow(1 - p, a.GammaPositive) * Math.Log(p))
                        - ((1 - smooth) * Math.Pow(Math.Max(p - a.Margin, 0), a.GammaNegative) * Math.Log(1 - Math.Max(p - a.Margin, 0))),
                    AsymmetricSoftmax s =>
                        -smooth * ((q[i, c] * Math.Pow(1 - p, s.GammaPositive)) + ((1 - q[i, c]) * Math.Pow(p, s.GammaNegative))) * Math.Log(p),
                    _ => throw new NotSupportedException($"{o.Name} has no reference formula, expected one here."),
                };
            }
        }

        return sum / (softmax ? weight : o is BinaryCrossEntropy { SumClasses: false } ? n * classes : n);

        static double Binary(double y, double p) => -(y * Math.Log(p)) - ((1 - y) * Math.Log(1 - p));
    }

    private static (Loss Options, double[,] X, double[,] Q, long[]? Hard) Draw(Case drawn)
    {
        var (kind, seed, soft, weighted, smoothed, gamma) = drawn;
        var chance = KeyedRandom.For(seed, 0, 0, "loss");
        var (n, classes) = (chance.NextInteger(2, 6), chance.NextInteger(2, 7));
        var (x, q, hard) = (new double[n, classes], new double[n, classes], new long[n]);
        for (var i = 0; i < n; i++)
        {
            hard[i] = chance.NextInteger(0, classes);
            var (other, share) = (chance.NextInteger(0, classes), soft ? chance.NextUnit() : 1);
            q[i, hard[i]] += share;
            q[i, other] += 1 - share;
            for (var c = 0; c < classes; c++)
            {
                // Rounded to float32, so that both sides start from the same numbers.
                (x[i, c], q[i, c]) = ((float)chance.NextUniform(-4, 4), (float)q[i, c]);
            }
        }

        double[] exponents = [1, 2, 3, 0.5];
        var (positive, negative) = (gamma % 3, 1 + (gamma % 4));
        var losses = KindRegistry.CreateAll<Loss>();
        var loss = losses[kind % losses.Length] switch
        {
            Focal f => f with { Gamma = gamma % 5 == 4 ? 0 : exponents[gamma % 4], Alpha = 0.25 },
            BinaryCrossEntropy b => b with { Threshold = gamma % 7 == 0 ? 0.2 : null, SumClasses = gamma % 2 == 0 },
            Asymmetric a => a with { GammaPositive = positive, GammaNegative = negative, Margin = gamma % 2 == 0 ? 0.05 : 0 },
            AsymmetricSoftmax s => s with { GammaPositive = positive, GammaNegative = negative },
            var other => other,
        };
        return (loss with
        {
            LabelSmoothing = smoothed ? 0.1 : 0,
            ClassWeights = weighted ? [.. Enumerable.Range(0, classes).Select(_ => (double)(float)chance.NextUniform(0.2, 3))] : null,
        }, x, q, soft ? null : hard);
    }

    private static torch.Tensor Targets(double[,] q, long[]? hard) =>
        hard is not null ? torch.tensor(hard) : torch.tensor(Floats(q)).reshape(q.GetLength(0), q.GetLength(1));

    private static float[] Floats(double[,] values) => [.. values.Cast<double>().Select(v => (float)v)];

    private sealed record Case(byte Kind, long Seed, bool Soft, bool Weighted, bool Smoothed, byte Gamma);
}

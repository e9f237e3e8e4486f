using System.Numerics;
using System.Text.Json.Serialization;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>Which rule moves the parameters.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>Adam (Kingma and Ba, ICLR 2015); weight decay, if any, is L2, added to the gradient.</summary>
    Adam,
}

/// <summary>How parameters move; the defaults are PyTorch's for AdamW but for the weight decay, which is timm's.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The rule.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.AdamW;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of weights of two or more dimensions; norms, biases and embeddings are spared.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest 2-norm of the whole gradient; 0 does not clip.</summary>
    public double ClipNorm { get; init; } = 1;
}

/// <summary>Adam and AdamW over a <see cref="FlatModel"/>: one pass over memory a step.</summary>
/// <remarks>
/// On the CPU the step is one vectorised loop over parameters, gradients and moments, split over threads at fixed places;
/// elements do not depend on each other, so the result is the same for any number of threads. Elsewhere it is six tensor operations.
/// </remarks>
public sealed class Optimizer : IDisposable
{
    private const int Block = 1 << 16; // floats a task: 256 KiB of each array

    private readonly OptimizerOptions _options;
    private readonly FlatModel _model;

    /// <summary>Prepares the moments, all zero.</summary>
    /// <exception cref="ArgumentException">The model has no gradients.</exception>
    public Optimizer(OptimizerOptions options, FlatModel model)
    {
        if (model.Gradients is null)
        {
            throw new ArgumentException("The model does not learn.", nameof(model));
        }

        (_options, _model) = (options, model);
        First = torch.zeros_like(model.Parameters).DetachFromDisposeScope();
        Second = torch.zeros_like(model.Parameters).DetachFromDisposeScope();
    }

    /// <summary>Mean of gradients, flat.</summary>
    public torch.Tensor First { get; }

    /// <summary>Mean of squared gradients, flat.</summary>
    public torch.Tensor Second { get; }

    /// <summary>Take the tensor operations on the CPU too, for holding the two ways against each other.</summary>
    internal bool ByTensors { get; init; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Puts back the count that a checkpoint kept (the moments are copied into <see cref="First"/> and <see cref="Second"/>).</summary>
    public void Restore(long steps) => Steps = steps;

    /// <summary>The 2-norm of the gradients after dividing by <paramref name="scale"/>; NaN or infinite where any element is.</summary>
    public double GradientNorm(double scale)
    {
        var gradients = _model.Gradients!;
        if (!IsLooped)
        {
            using var norm = gradients.norm();
            return norm.ToDouble() / scale;
        }

        // Sums of fixed blocks, added in order: the same for any number of threads.
        var blocks = BlockCount(gradients.numel());
        var sums = new double[blocks];
        unsafe
        {
            var g = TensorMemory.Address<float>(gradients);
            var count = gradients.numel();
            Parallel.For(0, blocks, b => sums[b] = SumOfSquares(g + ((long)b * Block), (int)Math.Min(Block, count - ((long)b * Block))));
        }

        return Math.Sqrt(sums.Sum()) / scale;
    }

    /// <summary>Moves the parameters once and sets the gradients to zero.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    /// <param name="scale">The loss scale that the gradients carry.</param>
    /// <param name="norm">The gradients' norm, unscaled, as <see cref="GradientNorm"/> gives it.</param>
    public void Step(double learningRate, double scale, double norm)
    {
        Steps++;
        // torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm, too.
        var clip = _options.ClipNorm > 0 ? Math.Min(1, _options.ClipNorm / (norm + 1e-6)) : 1;
        var factor = clip / scale;
        var correction1 = 1 - Math.Pow(_options.Beta1, Steps);
        var correction2 = 1 - Math.Pow(_options.Beta2, Steps);
        if (IsLooped)
        {
            StepOnCpu(learningRate, factor, correction1, correction2);
        }
        else
        {
            StepByTensors(learningRate, factor, correction1, correction2);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }

    private bool IsLooped => !ByTensors && _model.Parameters.device_type == DeviceType.CPU;

    private unsafe void StepOnCpu(double learningRate, double factor, double correction1, double correction2)
    {
        var p = TensorMemory.Address<float>(_model.Parameters);
        var g = TensorMemory.Address<float>(_model.Gradients!);
        var m = TensorMemory.Address<float>(First);
        var v = TensorMemory.Address<float>(Second);
        var count = _model.Parameters.numel();
        var decoupled = _options.Kind == OptimizerKind.AdamW;
        var keep = (float)(1 - (learningRate * _options.WeightDecay));
        Parallel.For(0, BlockCount(count), b =>
        {
            var start = (long)b * Block;
            var end = Math.Min(start + Block, count);
            // A block may hold the border between parameters that decay and those that do not.
            var border = Math.Clamp(_model.Decaying, start, end);
            Range(start, border, decoupled ? keep : 1, decoupled ? 0 : (float)_options.WeightDecay);
            Range(border, end, 1, 0);
        });

        void Range(long start, long end, float shrink, float l2) => Update(
            p + start, g + start, m + start, v + start, (int)(end - start), shrink, l2, (float)factor, (float)_options.Beta1, (float)_options.Beta2,
            (float)(learningRate / correction1), (float)(1 / Math.Sqrt(correction2)), (float)_options.Epsilon);
    }

    private static unsafe void Update(
        float* p, float* g, float* m, float* v, int count, float shrink, float l2, float factor, float beta1, float beta2,
        float rate, float rootCorrection, float epsilon)
    {
        var (wide, i) = (Vector<float>.Count, 0);
        for (; i <= count - wide; i += wide)
        {
            var w = Vector.Load(p + i);
            var gradient = (Vector.Load(g + i) * factor) + (w * l2);
            var first = (Vector.Load(m + i) * beta1) + (gradient * (1 - beta1));
            var second = (Vector.Load(v + i) * beta2) + (gradient * gradient * (1 - beta2));
            Vector.Store(first, m + i);
            Vector.Store(second, v + i);
            Vector.Store((w * shrink) - (first * rate / ((Vector.SquareRoot(second) * rootCorrection) + new Vector<float>(epsilon))), p + i);
            Vector.Store(Vector<float>.Zero, g + i);
        }

        for (; i < count; i++)
        {
            var gradient = (g[i] * factor) + (p[i] * l2);
            m[i] = (m[i] * beta1) + (gradient * (1 - beta1));
            v[i] = (v[i] * beta2) + (gradient * gradient * (1 - beta2));
            p[i] = (p[i] * shrink) - (m[i] * rate / ((MathF.Sqrt(v[i]) * rootCorrection) + epsilon));
            g[i] = 0;
        }
    }

    private void StepByTensors(double learningRate, double factor, double correction1, double correction2)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var (p, g) = (_model.Parameters, _model.Gradients!);
        var decaying = p.narrow(0, 0, _model.Decaying);
        g.mul_(factor);
        if (_options.Kind == OptimizerKind.AdamW)
        {
            decaying.mul_(1 - (learningRate * _options.WeightDecay));
        }
        else if (_options.WeightDecay != 0)
        {
            g.narrow(0, 0, _model.Decaying).add_(decaying, alpha: _options.WeightDecay);
        }

        First.mul_(_options.Beta1).add_(g, alpha: 1 - _options.Beta1);
        Second.mul_(_options.Beta2).addcmul_(g, g, 1 - _options.Beta2);
        p.addcdiv_(First, Second.sqrt().div_(Math.Sqrt(correction2)).add_(_options.Epsilon), -learningRate / correction1);
        g.zero_();
    }

    private static unsafe double SumOfSquares(float* values, int count)
    {
        // Lanes of float squares within 1,024 elements, then double: as exact as a double sum to about 1e-6.
        var sum = 0.0;
        for (var start = 0; start < count; start += 1024)
        {
            var (end, i, lanes) = (Math.Min(start + 1024, count), start, Vector<float>.Zero);
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                var x = Vector.Load(values + i);
                lanes += x * x;
            }

            sum += Vector.Sum(lanes);
            for (; i < end; i++)
            {
                sum += (double)values[i] * values[i];
            }
        }

        return sum;
    }

    private static int BlockCount(long count) => (int)((count + Block - 1) / Block);
}

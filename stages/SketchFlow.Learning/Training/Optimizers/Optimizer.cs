using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Moves the parameters of a <see cref="FlatModel"/> by one of the rules: one pass over memory a step.</summary>
/// <remarks>
/// On the CPU the step is one vectorised loop over parameters, gradients and moments, split over threads at fixed places;
/// elements do not depend on each other (LAMB's norms are added block by block, in order), so the result is the same for any
/// number of threads. Elsewhere it is a handful of tensor operations over the flat buffers.
/// A parameter that is frozen is passed over: no step, no decay, and its moments and its age stay. Bias corrections go by a
/// parameter's own age, as in PyTorch, so that one which is unfrozen late starts as one that is fresh.
/// </remarks>
public sealed partial class Optimizer : IDisposable
{
    private readonly OptimizerOptions _options;
    private readonly FlatModel _model;
    private readonly Rule _rule;
    private readonly torch.Tensor[] _moments;
    private readonly Place[] _places;
    private readonly long[] _ages;
    private readonly bool[] _frozen;
    private readonly torch.Tensor? _factors;
    private readonly torch.Tensor _kept;
    private Stretch[] _stretches = [];
    private Stretch[] _runs = [];
    private Move[] _moves = [];

    /// <summary>Prepares the moments, all zero.</summary>
    /// <exception cref="ArgumentException">The model has no gradients.</exception>
    public Optimizer(OptimizerOptions options, FlatModel model)
    {
        if (model.Gradients is null)
        {
            throw new ArgumentException("The model does not learn.", nameof(model));
        }

        (_options, _model, _rule) = (options, model, Rule.Of(options));
        _moments = [.. _rule.Moments.Select(_ => torch.zeros_like(model.Parameters).DetachFromDisposeScope())];
        _places = Place.All(model, options.LayerFactors(model.Architecture));
        (_ages, _frozen) = (new long[_places.Length], new bool[_places.Length]);
        _factors = options.LayerDecay == 1 ? null : Factors();
        _kept = torch.zeros(_ages.Length, torch.int64).DetachFromDisposeScope();
        Cut();
    }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Use tensor operations on the CPU too, as on any other device.</summary>
    public bool ByTensors { get; init; }

    /// <summary>Most threads of the loops on the CPU, of those that libtorch uses. The result does not depend on it.</summary>
    public int Threads { get; init; } = int.MaxValue;

    /// <summary>2-norm of the whole gradient without the loss scale; not finite where an element is not.</summary>
    /// <param name="scale">The loss scale that the gradients carry.</param>
    public double GradientNorm(double scale)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var gradients = _model.Gradients!;
        return (IsLooped ? Math.Sqrt(SumOfSquares(gradients)) : gradients.norm().ToDouble()) / scale;
    }

    /// <summary>Moves the parameters once and sets the gradients to zero.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    /// <param name="scale">The loss scale that the gradients carry.</param>
    /// <param name="norm">The gradients' norm, unscaled, as <see cref="GradientNorm"/> gives it.</param>
    public void Step(double learningRate, double scale, double norm)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        Steps++;
        for (var i = 0; i < _ages.Length; i++)
        {
            _ages[i] += _frozen[i] ? 0 : 1;
        }

        ClipGradients(scale);
        // torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm, too.
        var clip = _options is { Clip: ClipMode.Norm, ClipNorm: > 0 } ? Math.Min(1, _options.ClipNorm / (norm + 1e-6)) : 1;
        if (IsLooped)
        {
            StepByLoop(learningRate, clip / scale);
        }
        else
        {
            StepByTensors(learningRate, clip / scale);
        }
    }

    /// <summary>Freezes the parameters that <paramref name="which"/> names, and no others: they have no gradient and are passed over.</summary>
    public void Freeze(Func<TensorSpec, bool> which)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            _frozen[i] = which(_model.Architecture.Tensors[_places[i].Tensor]);
            _model.Weights[_places[i].Tensor].requires_grad_(!_frozen[i]);
        }

        Cut();
    }

    /// <summary>What a checkpoint must keep: the moments themselves, not copies, the parameters' ages, and the count of steps.</summary>
    public TrainingState State()
    {
        _kept.data<long>().CopyFrom(_ages);
        return new TrainingState(
            [.. _rule.Moments.Zip(_moments, KeyValuePair.Create), KeyValuePair.Create("ages", _kept)], [KeyValuePair.Create("steps", (double)Steps)]);
    }

    /// <summary>Puts back what <see cref="State"/> gave; which parameters are frozen is for <see cref="Freeze"/>.</summary>
    /// <exception cref="RefusalException">Something is missing or of another size.</exception>
    public void Restore(TrainingState state)
    {
        state.CopyInto(State() with { Numbers = [] });
        _kept.data<long>().ToArray().CopyTo(_ages, 0);
        Steps = (long)state.Number("steps");
        Cut();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var moment in _moments)
        {
            moment.Dispose();
        }

        _factors?.Dispose();
        _kept.Dispose();
    }

    private bool IsLooped => !ByTensors && _model.Parameters.device_type == DeviceType.CPU;

    private unsafe void StepByLoop(double rate, double factor)
    {
        var p = TensorMemory.Pointer<float>(_model.Parameters);
        var g = TensorMemory.Pointer<float>(_model.Gradients!);
        var m = Moments.Of(_moments);
        Prepare(_stretches, rate, factor);
        BufferParallel.Each(_model.Parameters.numel(), Threads, (start, count) =>
        {
            // A block may hold the border between two stretches, and a stretch many blocks.
            for (var i = First(start); i < _stretches.Length && _stretches[i].Start < start + count; i++)
            {
                var from = Math.Max(start, _stretches[i].Start);
                var to = Math.Min(start + count, _stretches[i].End);
                _rule.Loop(_moves[i], p + from, g + from, m + from, (int)(to - from));
            }
        });
        if (_rule.IsLayerwise)
        {
            FinishByLoop(rate);
        }
    }

    private void StepByTensors(double rate, double factor)
    {
        Prepare(_runs, rate, factor);
        for (var i = 0; i < _runs.Length; i++)
        {
            var run = _runs[i];
            torch.Tensor Part(torch.Tensor whole) => whole.narrow(0, run.Start, run.End - run.Start);
            var g = Part(_model.Gradients!);
            g.mul_(factor);
            _rule.ByTensors(_moves[i], run.Factor is null ? Part(_factors!) : null, Part(_model.Parameters), g, [.. _moments.Select(Part)]);
        }

        if (_rule.IsLayerwise)
        {
            FinishByTensors(rate);
        }

        _model.Gradients!.zero_();
    }

    private void Prepare(Stretch[] stretches, double rate, double factor)
    {
        for (var i = 0; i < stretches.Length; i++)
        {
            var s = stretches[i];
            var age = Steps - s.Born;
            _rule.Prepare(age);
            _moves[i] = new Move(age, rate * (s.Factor ?? 1), s.Decays ? _options.WeightDecay : 0, factor);
        }
    }

    private int First(long start)
    {
        var (low, high) = (0, _stretches.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _stretches[middle].End > start ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    // Neighbours that move alike are one stretch; for tensor operations those that differ in their rate alone are one run.
    private void Cut()
    {
        _stretches = Stretch.Merge(Enumerable.Range(0, _places.Length).Where(i => !_frozen[i])
            .Select(i => new Stretch(_places[i].Start, _places[i].End, _places[i].Decays, _places[i].Factor, Steps - _ages[i])), acrossFactors: false);
        _runs = Stretch.Merge(_stretches, acrossFactors: true);
        _moves = new Move[_stretches.Length];
    }

    private torch.Tensor Factors()
    {
        using var scope = torch.NewDisposeScope();
        var factors = torch.zeros_like(_model.Parameters);
        foreach (var place in _places)
        {
            factors.narrow(0, place.Start, place.End - place.Start).fill_(place.Factor);
        }

        return factors.DetachFromDisposeScope();
    }

    private unsafe double SumOfSquares(torch.Tensor values)
    {
        var from = TensorMemory.Pointer<float>(values);
        return BufferParallel.Sum(values.numel(), Threads, (start, count) => BufferParallel.SumOfSquares(from + start, count));
    }
}

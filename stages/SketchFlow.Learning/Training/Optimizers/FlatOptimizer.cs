using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Applies an <see cref="Optimizer"/> to the parameters of a <see cref="FlatModel"/>: one loop over memory per step.</summary>
/// <remarks>
/// On the CPU the step is one vectorised loop over parameters, gradients and moments, split over threads at fixed places;
/// elements do not depend on each other (LAMB's norms are added block by block, in order), so the result is the same for any
/// number of threads. On other devices it is a handful of tensor operations over the flat buffers.
/// A frozen parameter is skipped: no step, no decay, and its moments and its age are kept. Bias corrections depend on a parameter's
/// own age, as in PyTorch, so that a parameter that is unfrozen late starts like a new one.
/// </remarks>
public sealed partial class FlatOptimizer : IDisposable
{
    private readonly Optimizer _options;
    private readonly FlatModel _model;
    private readonly UpdateRule _rule;
    private readonly torch.Tensor[] _moments;
    private readonly ParameterPlace[] _places;
    private readonly long[] _ages;
    private readonly bool[] _frozen;
    private readonly torch.Tensor? _factors;
    private readonly torch.Tensor _savedAges;

    // Ranges of the loop on the CPU, and of tensor operations, which also join ranges that differ in their learning rate only.
    private ParameterRange[] _ranges = [];
    private ParameterRange[] _tensorRanges = [];
    private RangeUpdate[] _updates = [];

    /// <summary>Creates the moments, all zero.</summary>
    /// <exception cref="ArgumentException">The model has no gradients.</exception>
    public FlatOptimizer(Optimizer options, FlatModel model)
    {
        if (model.Gradients is null)
        {
            throw new ArgumentException("The model has no gradients, expected one created with learns: true.", nameof(model));
        }

        (_options, _model, _rule) = (options, model, options.CreateRule());
        _moments = [.. _rule.Moments.Select(_ => torch.zeros_like(model.Parameters).DetachFromDisposeScope())];
        _places = ParameterPlace.All(model, options.LayerFactors(model.Architecture));
        (_ages, _frozen) = (new long[_places.Length], new bool[_places.Length]);
        _factors = options.LayerDecay == 1 ? null : Factors();
        _savedAges = torch.zeros(_ages.Length, torch.int64).DetachFromDisposeScope();
        UpdateRanges();
    }

    /// <summary>Number of steps.</summary>
    public long Steps { get; private set; }

    /// <summary>Whether to use tensor operations on the CPU too, as on other devices.</summary>
    public bool ByTensors { get; init; }

    /// <summary>Largest number of threads of the loops on the CPU, of those that libtorch uses. The result does not depend on it.</summary>
    public int Threads { get; init; } = int.MaxValue;

    /// <summary>Computes the 2-norm of the whole gradient without the loss scale; not finite where an element is not.</summary>
    /// <param name="scale">Loss scale contained in the gradients.</param>
    public double GradientNorm(double scale)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var gradients = _model.Gradients!;
        return (IsLooped ? Math.Sqrt(SumOfSquares(gradients)) : gradients.norm().AsDouble()) / scale;
    }

    /// <summary>Moves the parameters once and sets the gradients to zero.</summary>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="scale">Loss scale contained in the gradients.</param>
    /// <param name="norm">The gradients' norm, unscaled, as returned by <see cref="GradientNorm"/>.</param>
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

    /// <summary>Freezes the parameters that <paramref name="isFrozen"/> selects, and no others: they have no gradient and are skipped.</summary>
    public void Freeze(Func<TensorSpec, bool> isFrozen)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            _frozen[i] = isFrozen(_model.Architecture.Tensors[_places[i].Tensor]);
            _model.Weights[_places[i].Tensor].requires_grad_(!_frozen[i]);
        }

        UpdateRanges();
    }

    /// <summary>Returns the state that a checkpoint must contain: the moments themselves, not copies, the parameters' ages, and the number of steps.</summary>
    public TrainingState State()
    {
        _savedAges.data<long>().CopyFrom(_ages);
        return new TrainingState(
            [.. _rule.Moments.Zip(_moments, KeyValuePair.Create), KeyValuePair.Create("ages", _savedAges)], [KeyValuePair.Create("steps", (double)Steps)]);
    }

    /// <summary>Number of bytes of the state.</summary>
    public long StateBytes => State().Tensors.Sum(t => t.Value.numel() * t.Value.element_size());

    /// <summary>Restores what <see cref="State"/> returned; <see cref="Freeze"/> decides which parameters are frozen.</summary>
    /// <exception cref="RefusalException">A tensor or number is missing or of another size.</exception>
    public void Restore(TrainingState state)
    {
        state.CopyInto(State() with { Numbers = [] });
        _savedAges.data<long>().ToArray().CopyTo(_ages, 0);
        Steps = (long)state.Number("steps");
        UpdateRanges();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var moment in _moments)
        {
            moment.Dispose();
        }

        _factors?.Dispose();
        _savedAges.Dispose();
    }

    private bool IsLooped => !ByTensors && _model.Parameters.device_type == DeviceType.CPU;

    private unsafe void StepByLoop(double rate, double factor)
    {
        var p = TensorMemory.Pointer<float>(_model.Parameters);
        var g = TensorMemory.Pointer<float>(_model.Gradients!);
        var m = MomentPointers.From(_moments);
        Prepare(_ranges, rate, factor);
        BufferParallel.Each(_model.Parameters.numel(), Threads, (start, count) =>
        {
            // A block may contain the border between two ranges, and a range many blocks.
            for (var i = FirstRange(start); i < _ranges.Length && _ranges[i].Start < start + count; i++)
            {
                var from = Math.Max(start, _ranges[i].Start);
                var to = Math.Min(start + count, _ranges[i].End);
                _rule.Loop(_updates[i], p + from, g + from, m + from, (int)(to - from));
            }
        });
        if (_rule.IsLayerwise)
        {
            FinishByLoop(rate);
        }
    }

    private void StepByTensors(double rate, double factor)
    {
        Prepare(_tensorRanges, rate, factor);
        for (var i = 0; i < _tensorRanges.Length; i++)
        {
            var range = _tensorRanges[i];
            torch.Tensor Part(torch.Tensor whole) => whole.narrow(0, range.Start, range.End - range.Start);
            var g = Part(_model.Gradients!);
            g.mul_(Keep(factor));
            _rule.ByTensors(_updates[i], range.Factor is null ? Part(_factors!) : null, Part(_model.Parameters), g, [.. _moments.Select(Part)]);
        }

        if (_rule.IsLayerwise)
        {
            FinishByTensors(rate);
        }

        _model.Gradients!.zero_();
    }

    private void Prepare(ParameterRange[] ranges, double rate, double factor)
    {
        for (var i = 0; i < ranges.Length; i++)
        {
            var range = ranges[i];
            var age = Steps - range.Born;
            _rule.Prepare(age);
            _updates[i] = new RangeUpdate(age, rate * (range.Factor ?? 1), range.Decays ? _options.WeightDecay : 0, factor);
        }
    }

    private int FirstRange(long start)
    {
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ranges[middle].End > start ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void UpdateRanges()
    {
        _ranges = ParameterRange.Merge(Enumerable.Range(0, _places.Length).Where(i => !_frozen[i])
            .Select(i => new ParameterRange(_places[i].Start, _places[i].End, _places[i].Decays, _places[i].Factor, Steps - _ages[i])), acrossFactors: false);
        _tensorRanges = ParameterRange.Merge(_ranges, acrossFactors: true);
        _updates = new RangeUpdate[_ranges.Length];
    }

    private torch.Tensor Factors()
    {
        using var scope = torch.NewDisposeScope();
        var factors = torch.zeros_like(_model.Parameters);
        foreach (var place in _places)
        {
            factors.narrow(0, place.Start, place.End - place.Start).fill_(Keep(place.Factor));
        }

        return factors.DetachFromDisposeScope();
    }

    private unsafe double SumOfSquares(torch.Tensor values)
    {
        var from = TensorMemory.Pointer<float>(values);
        return BufferParallel.Sum(values.numel(), Threads, (start, count) => BufferParallel.SumOfSquares(from + start, count));
    }
}

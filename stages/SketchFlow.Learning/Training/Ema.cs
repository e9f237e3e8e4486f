using System.Numerics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training;

/// <summary>Exponential moving average of a <see cref="FlatModel"/>: parameters and running statistics; counters are copied.</summary>
/// <remarks>On the CPU one vectorised loop over memory per step, split at fixed places, so that the result is the same for any number of threads.</remarks>
public sealed class Ema : IDisposable
{
    private readonly EmaOptions _options;

    /// <summary>Creates an average that starts as a copy of <paramref name="model"/>.</summary>
    public Ema(EmaOptions options, FlatModel model) => (_options, Model) = (options, model.Snapshot());

    /// <summary>Averaged model; it has no gradients.</summary>
    public FlatModel Model { get; }

    /// <summary>Whether to use tensor operations on the CPU too, as on other devices.</summary>
    public bool ByTensors { get; init; }

    /// <summary>Updates the average after a step of <paramref name="model"/>.</summary>
    /// <param name="model">The trained model; architecture and layout are the average's.</param>
    /// <param name="step">Number of steps, this one included: from 1.</param>
    public void Update(FlatModel model, long step)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var taken = 1 - _options.DecayAt(step);
        Approach(Model.Parameters, model.Parameters, taken);
        Approach(Model.Statistics, model.Statistics, taken);
        Model.Counters.copy_(model.Counters);
    }

    /// <summary>Returns the state that a checkpoint must contain: the average's buffers themselves, not copies.</summary>
    public TrainingState State() => new(
        [new("parameters", Model.Parameters), new("statistics", Model.Statistics), new("counters", Model.Counters)], []);

    /// <summary>Restores what <see cref="State"/> returned.</summary>
    /// <exception cref="RefusalException">A tensor is missing or of another size.</exception>
    public void Restore(TrainingState state) => state.CopyInto(State());

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private unsafe void Approach(torch.Tensor average, torch.Tensor values, double taken)
    {
        if (ByTensors || average.device_type != DeviceType.CPU)
        {
            if (taken == 1)
            {
                average.copy_(values);
            }
            else
            {
                average.mul_(Keep(1 - taken)).add_(values, alpha: Keep(taken));
            }

            return;
        }

        var to = TensorMemory.Pointer<float>(average);
        var from = TensorMemory.Pointer<float>(values);
        var (keep, take) = ((float)(1 - taken), (float)taken);
        BufferParallel.Each(average.numel(), (start, count) =>
        {
            for (var i = start; i < start + count; i += Vector<float>.Count)
            {
                Vector.Store((Vector.Load(to + i) * keep) + (Vector.Load(from + i) * take), to + i);
            }
        });
    }
}

using System.Numerics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>The running average of a <see cref="FlatModel"/>: parameters and running statistics; counters are copied.</summary>
/// <remarks>On the CPU one vectorised pass over memory a step, split at fixed places, so the same for any number of threads.</remarks>
public sealed class Ema : IDisposable
{
    private readonly EmaOptions _options;

    /// <summary>An average that begins as a copy of <paramref name="model"/>.</summary>
    public Ema(EmaOptions options, FlatModel model) => (_options, Model) = (options, model.Snapshot());

    /// <summary>The average; it does not learn.</summary>
    public FlatModel Model { get; }

    /// <summary>Use tensor operations on the CPU too, as on any other device.</summary>
    public bool ByTensors { get; init; }

    /// <summary>Takes in what a step made of <paramref name="model"/>.</summary>
    /// <param name="model">Of the same architecture and layout.</param>
    /// <param name="step">Steps taken, this one included: from 1.</param>
    public void Update(FlatModel model, long step)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var taken = 1 - _options.DecayAt(step);
        Approach(Model.Parameters, model.Parameters, taken);
        Approach(Model.Statistics, model.Statistics, taken);
        Model.Counters.copy_(model.Counters);
    }

    /// <summary>What a checkpoint must keep: the average's buffers themselves, not copies.</summary>
    public TrainingState State() => new(
        [new("parameters", Model.Parameters), new("statistics", Model.Statistics), new("counters", Model.Counters)], []);

    /// <summary>Puts back what <see cref="State"/> gave.</summary>
    /// <exception cref="RefusalException">Something is missing or of another size.</exception>
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
                average.mul_(1 - taken).add_(values, alpha: taken);
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

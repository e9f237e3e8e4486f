using System.Numerics;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>A running average of the weights, as timm's <c>ModelEmaV3</c>.</summary>
public sealed record EmaOptions
{
    /// <summary>Share of the average that a step keeps, such as 0.9998; 0 is off. About 1 / (1 - decay) steps are remembered.</summary>
    public double Decay { get; init; }

    /// <summary>Grow the decay from 0 as 1 - (1 + step / gamma)^-power: a short run's average is then not stuck at its fresh weights.</summary>
    public bool Warmup { get; init; } = true;

    /// <summary>Warm-up: steps to the first bend.</summary>
    public double WarmupGamma { get; init; } = 1;

    /// <summary>Warm-up: 2/3 reaches 0.999 after 31,600 steps, 0.9999 after a million; 3/4 after 10,000 and 216,000.</summary>
    public double WarmupPower { get; init; } = 2.0 / 3;

    /// <summary>Smallest decay once averaging has begun.</summary>
    public double MinDecay { get; init; }

    /// <summary>Steps before averaging begins; until then the average is a copy.</summary>
    public long StartAfter { get; init; }

    /// <summary>Whether there is an average.</summary>
    public bool IsOn => Decay > 0;

    /// <summary>The decay of one step.</summary>
    /// <param name="step">Steps taken, this one included: from 1.</param>
    public double DecayAt(long step)
    {
        var since = Math.Max(0, step - StartAfter - 1);
        return since == 0 ? 0
            : !Warmup ? Decay
            : Math.Max(Math.Min(1 - Math.Pow(1 + (since / WarmupGamma), -WarmupPower), Decay), MinDecay);
    }
}

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
    /// <exception cref="SketchFlow.Samples.RefusalException">Something is missing or of another size.</exception>
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

        var to = TensorMemory.Address<float>(average);
        var from = TensorMemory.Address<float>(values);
        var (keep, take) = ((float)(1 - taken), (float)taken);
        Blocks.Each(average.numel(), (start, count) =>
        {
            for (var i = start; i < start + count; i += Vector<float>.Count)
            {
                Vector.Store((Vector.Load(to + i) * keep) + (Vector.Load(from + i) * take), to + i);
            }
        });
    }
}

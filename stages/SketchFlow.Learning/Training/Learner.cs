using SketchFlow.Learning.Amp;
using SketchFlow.Learning.Models;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>What one step came to.</summary>
/// <param name="Loss">Mean loss of the batch, with label smoothing.</param>
/// <param name="Correct">Images whose highest logit is their target.</param>
/// <param name="Count">Images.</param>
/// <param name="GradientNorm">2-norm of the whole gradient before clipping.</param>
/// <param name="Stepped">False where the loss or the gradient was not finite and the parameters stayed.</param>
public readonly record struct StepOutcome(double Loss, int Correct, int Count, double GradientNorm, bool Stepped);

/// <summary>How a learner computes.</summary>
public sealed record LearnerOptions
{
    /// <summary>What it minimises.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>How parameters move.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>How the loss scale moves under float16.</summary>
    public GradScalerOptions Scaler { get; init; } = new();

    /// <summary>What products are computed in.</summary>
    public Precision Precision { get; init; }

    /// <summary>Mixup and CutMix.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>Recompute activations in the backward pass.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Seeds dropout and drop path.</summary>
    public long Seed { get; init; }
}

/// <summary>Training steps on one model: normalise, forward, loss, backward, unscale, clip, step. One thread owns it.</summary>
public sealed class Learner : IDisposable
{
    private readonly LearnerOptions _options;
    private readonly Preprocessing _preprocessing;

    /// <summary>A learner for <paramref name="model"/>, which it takes over.</summary>
    public Learner(LearnerOptions options, FlatModel model, Preprocessing preprocessing)
    {
        (_options, Model, _preprocessing) = (options, model, preprocessing);
        Optimizer = new Optimizer(options.Optimizer, model);
        Scaler = new GradScaler(options.Scaler, options.Precision == Precision.Float16);
    }

    /// <summary>The model.</summary>
    public FlatModel Model { get; }

    /// <summary>Its optimiser.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The loss scale.</summary>
    public GradScaler Scaler { get; }

    /// <summary>Normalises a batch and learns from it.</summary>
    /// <exception cref="ArgumentException">An image has no target.</exception>
    public StepOutcome Step(PixelBatch batch, double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        var images = Normalize.ToDevice(batch, _preprocessing, Model.Device);
        var targets = torch.tensor(Targets(batch)).to(Model.Device);
        if (_options.Mixing.IsOn)
        {
            var chance = Chance.For(_options.Seed, 0, Optimizer.Steps + Scaler.SkippedSteps, "mixing");
            (images, targets) = Mixing.Of(_options.Mixing, images, targets, Model.Architecture.Options.Classes, chance);
        }

        return Step(images, targets, learningRate);
    }

    /// <summary>Learns from a batch already on the device: the bare step.</summary>
    public StepOutcome Step(HeldBatch batch, double learningRate) => Step(batch.Images, batch.Targets, learningRate);

    /// <summary>Learns from images already on the device.</summary>
    /// <param name="images">(N, 3, H, W), normalised.</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    /// <param name="learningRate">The rate of this step.</param>
    public StepOutcome Step(torch.Tensor images, torch.Tensor targets, double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = Model.Architecture;
        var pass = new Pass(Model.Weights)
        {
            Training = true,
            Checkpointing = _options.Checkpointing,
            Chance = Chance.For(_options.Seed, 0, Optimizer.Steps + Scaler.SkippedSteps, "layers"),
        };
        torch.Tensor logits, loss;
        using (Autocast.Enter(Model.Device.type, _options.Precision.Autocast()))
        {
            logits = architecture.Forward(pass, images);
            loss = _options.Loss.Of(logits, targets);
        }

        // Update may move the scale; these gradients carry this one.
        var scale = Scaler.Scale;
        (Scaler.Enabled ? loss * scale : loss).backward();
        var value = loss.ToDouble();
        var norm = Optimizer.GradientNorm(scale);
        var stepped = Scaler.Update(double.IsFinite(value) && double.IsFinite(norm));
        if (stepped)
        {
            Optimizer.Step(learningRate, scale, norm);
        }
        else
        {
            using var still = torch.no_grad();
            Model.Gradients!.zero_();
        }

        using (torch.no_grad())
        {
            Model.Counters.add_(1);
            var correct = logits.argmax(1).eq(targets.dim() == 2 ? targets.argmax(1) : targets).sum().ToInt32();
            return new StepOutcome(value, correct, (int)images.shape[0], norm, stepped);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Model.Dispose();
    }

    private static long[] Targets(PixelBatch batch)
    {
        var targets = new long[batch.Count];
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = batch.Samples[i].Target ?? throw new ArgumentException($"{batch.Samples[i]} has no target to learn from.", nameof(batch));
        }

        return targets;
    }
}

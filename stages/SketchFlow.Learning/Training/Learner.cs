using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training;

/// <summary>Executes training steps on one model: normalise, forward, loss, backward, unscale, clip, step, average. For use by one thread at a time.</summary>
public sealed partial class Learner : IDisposable
{
    private readonly LearnerOptions _options;
    private readonly Preprocessing _preprocessing;

    /// <summary>Creates a learner for <paramref name="model"/>, which it owns and disposes.</summary>
    /// <exception cref="RefusalException">The number of class weights is not the number of classes.</exception>
    public Learner(LearnerOptions options, FlatModel model, Preprocessing preprocessing)
    {
        var classes = model.Architecture.Options.Classes;
        if (options.Loss.ClassWeights is { } weights && weights.Length != classes)
        {
            throw new RefusalException(
                $"loss.class_weights has {weights.Length} weights, expected {classes}: one per class, in the order of the data set's classes.");
        }

        (_options, Model, _preprocessing) = (options, model, preprocessing);
        Optimizer = new FlatOptimizer(options.Optimizer, model);
        Scaler = new GradScaler(options.Scaler, options.Precision == ComputePrecision.Float16);
        Average = options.Ema.IsOn ? new Ema(options.Ema, model) : null;
    }

    /// <summary>Model that is trained.</summary>
    public FlatModel Model { get; }

    /// <summary>Optimiser of the model's parameters.</summary>
    public FlatOptimizer Optimizer { get; }

    /// <summary>Loss scale for float16.</summary>
    public GradScaler Scaler { get; }

    /// <summary>Number of steps so far, skipped ones included; the random numbers of dropout and mixing are keyed by it.</summary>
    public long Steps { get; private set; }

    /// <summary>Running average of the weights; null where it is off.</summary>
    public Ema? Average { get; }

    /// <summary>Whether batches are mixed, if mixing is on; false for the last epochs (<see cref="MixingOptions.OffEpochs"/>).</summary>
    public bool Mixes { get; set; } = true;

    /// <summary>Returns everything that resuming a training bit for bit requires: weights, average, moments, loss scale, counts.</summary>
    public TrainingState Kept()
    {
        var model = new TrainingState([new("parameters", Model.Parameters), new("statistics", Model.Statistics), new("counters", Model.Counters)], []);
        var scaler = new TrainingState([], [new("scale", Scaler.Scale), new("good_steps", Scaler.GoodSteps), new("skipped_steps", Scaler.SkippedSteps)]);
        var all = new TrainingState([], [new("steps", Steps)]) + model.Under("model") + Optimizer.State().Under("optimizer") + scaler.Under("scaler");
        return Average is null ? all : all + Average.State().Under("average");
    }

    /// <summary>Restores what <see cref="Kept"/> returned for a learner with the same options.</summary>
    /// <exception cref="RefusalException">A tensor or number is missing or of another size.</exception>
    public void Restore(TrainingState state)
    {
        var own = Kept();
        state.CopyInto(own with { Tensors = [.. own.Tensors.Where(t => t.Key.StartsWith("model.", StringComparison.Ordinal))] });
        Optimizer.Restore(state.Part("optimizer"));
        var scaler = state.Part("scaler");
        Scaler.Restore(scaler.Number("scale"), (int)scaler.Number("good_steps"), (long)scaler.Number("skipped_steps"));
        Average?.Restore(state.Part("average"));
        Steps = (long)state.Number("steps");
    }

    /// <summary>Normalises a batch and executes a training step on it.</summary>
    /// <param name="batch">Images of one size with targets.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="imageWeights">Factor of the loss of each image; mixed images have the mixture of their weights. Null weights all equally.</param>
    /// <exception cref="ArgumentException">An image has no target, or the number of weights is not that of images.</exception>
    public StepOutcome Step(PixelBatch batch, double learningRate, float[]? imageWeights = null)
    {
        if (imageWeights is not null && imageWeights.Length != batch.Count)
        {
            throw new ArgumentException($"There are {imageWeights.Length} weights for {batch.Count} images, expected one per image.", nameof(imageWeights));
        }

        using var scope = torch.NewDisposeScope();
        var images = Normalize.ToDevice(batch, _preprocessing, Model.Device);
        var targets = torch.tensor(Targets(batch)).to(Model.Device);
        var weights = imageWeights is null ? null : torch.tensor(imageWeights).to(Model.Device);
        if (_options.Mixing.IsOn && Mixes)
        {
            var chance = KeyedRandom.For(_options.Seed, 0, Steps, "mixing");
            (images, targets, var share) = Mixing.ApplyWithShare(_options.Mixing, images, targets, Model.Architecture.Options.Classes, chance);
            weights = weights is null ? null : Mixing.Mix(weights, share);
        }

        return Step(images, targets, learningRate, weights);
    }

    /// <summary>Executes a training step on a batch that is on the device already: the step without loading and normalisation.</summary>
    public StepOutcome Step(DeviceBatch batch, double learningRate) => Step(batch.Images, batch.Targets, learningRate);

    /// <summary>Executes a training step on images that are on the device already.</summary>
    /// <param name="images">(N, 3, H, W), normalised.</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="imageWeights">Factor of the loss of each image, (N) float32; null weights all equally.</param>
    public StepOutcome Step(torch.Tensor images, torch.Tensor targets, double learningRate, torch.Tensor? imageWeights = null)
    {
        using var scope = torch.NewDisposeScope();
        // Update may change the scale; these gradients contain the present one.
        var scale = Scaler.Scale;
        var (loss, correct) = Accumulate(images, targets, imageWeights, scale);
        var value = loss.AsDouble();
        var penalty = Optimizer.AddPenalty(_options.Loss.L1, _options.Loss.L2, scale);
        var norm = Optimizer.GradientNorm(scale);
        var stepped = Scaler.Update(double.IsFinite(value) && double.IsFinite(norm));
        using var still = torch.no_grad();
        if (stepped)
        {
            Optimizer.Step(learningRate, scale, norm);
        }
        else
        {
            Model.Gradients!.zero_();
        }

        Steps++;
        // Batch norms counted every part as a batch.
        Model.Counters.add_(Keep(Parts(images)), Keep(1));
        if (stepped)
        {
            Average?.Update(Model, Optimizer.Steps);
        }

        return new StepOutcome(value, (int)correct.AsDouble(), (int)images.shape[0], norm, stepped)
        {
            Penalty = penalty,
            IsScaleOverflow = !stepped && double.IsFinite(value) && scale > 1,
        };
    }

    private long Parts(torch.Tensor images) => Math.Clamp(_options.Accumulation, 1, images.shape[0]);

    // Forward and backward, part by part: gradients add up in their buffer. The loss scale is constant for the whole batch, as PyTorch's
    // GradScaler requires.
    private (torch.Tensor Loss, torch.Tensor Correct) Accumulate(torch.Tensor images, torch.Tensor targets, torch.Tensor? imageWeights, double scale)
    {
        var parts = Parts(images);
        if (parts == 1)
        {
            return Backward(images, (targets, imageWeights), 0, null, scale);
        }

        // Parts are sums divided by the whole batch's weight, so that they add up to its mean for any sizes.
        var weight = _options.Loss.Weight(targets, Model.Architecture.Options.Classes);
        (torch.Tensor Loss, torch.Tensor Correct)? all = null;
        for (var part = 0; part < parts; part++)
        {
            using var inner = torch.NewDisposeScope();
            var (from, to) = (part * images.shape[0] / parts, (part + 1) * images.shape[0] / parts);
            var (loss, correct) = Backward(
                images.narrow(0, from, to - from), (targets.narrow(0, from, to - from), imageWeights?.narrow(0, from, to - from)), part, weight, scale);
            all = all is { } sum
                ? (sum.Loss.Increase(loss), sum.Correct.Increase(correct))
                : (loss.clone().MoveToOuterDisposeScope(), correct.MoveToOuterDisposeScope());
        }

        return all!.Value;
    }

    // A weight is the divisor of the whole batch, of which these images are a part; null for a batch of one part.
    private (torch.Tensor Loss, torch.Tensor Correct) Backward(
        torch.Tensor images, (torch.Tensor Targets, torch.Tensor? ImageWeights) labels, int part, torch.Tensor? weight, double scale)
    {
        var targets = labels.Targets;
        var chance = KeyedRandom.For(_options.Seed, 0, Steps, "layers");
        var pass = new ForwardContext(Model.Weights)
        {
            Training = true,
            Checkpointing = _options.Checkpointing,
            Frozen = _frozen,
            Random = part == 0 ? chance : chance.Fork((ulong)part),
        };
        torch.Tensor logits, loss;
        using (Autocast.Enter(Model.Device.type, _options.Precision.AutocastType()))
        {
            logits = Model.Architecture.Forward(pass, images);
            loss = labels.ImageWeights is { } imageWeights
                ? _options.Loss.WeightedSum(logits, targets, imageWeights) / (weight ?? _options.Loss.Weight(targets, Model.Architecture.Options.Classes))
                : weight is null ? _options.Loss.Mean(logits, targets) : _options.Loss.Sum(logits, targets) / weight;
        }

        (Scaler.Enabled ? loss * Keep(scale) : loss).backward();
        using var still = torch.no_grad();
        return (loss.detach(), logits.argmax(1).eq(targets.dim() == 2 ? targets.argmax(1) : targets).sum());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
        Model.Dispose();
    }

    private static long[] Targets(PixelBatch batch)
    {
        var targets = new long[batch.Count];
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = batch.Samples[i].Target ?? throw new ArgumentException($"{batch.Samples[i]} has no target, expected a class number.", nameof(batch));
        }

        return targets;
    }
}

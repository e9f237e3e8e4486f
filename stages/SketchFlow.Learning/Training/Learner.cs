using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>Training steps on one model: normalise, forward, loss, backward, unscale, clip, step, average. One thread owns it.</summary>
public sealed partial class Learner : IDisposable
{
    private readonly LearnerOptions _options;
    private readonly Preprocessing _preprocessing;

    /// <summary>A learner for <paramref name="model"/>, which it takes over.</summary>
    /// <exception cref="RefusalException">There are not as many class weights as classes.</exception>
    public Learner(LearnerOptions options, FlatModel model, Preprocessing preprocessing)
    {
        var classes = model.Architecture.Options.Classes;
        if (options.Loss.ClassWeights is { } weights && weights.Length != classes)
        {
            throw new RefusalException($"loss.class_weights has {weights.Length} weights, where {classes} are expected, one a class in the order of the data set's classes.");
        }

        (_options, Model, _preprocessing) = (options, model, preprocessing);
        Optimizer = new Optimizer(options.Optimizer, model);
        Scaler = new GradScaler(options.Scaler, options.Precision == ComputePrecision.Float16);
        Average = options.Ema.IsOn ? new Ema(options.Ema, model) : null;
    }

    /// <summary>The model.</summary>
    public FlatModel Model { get; }

    /// <summary>Its optimiser.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The loss scale.</summary>
    public GradScaler Scaler { get; }

    /// <summary>Steps so far, skipped ones included; they key drop-out and mixing.</summary>
    public long Steps { get; private set; }

    /// <summary>The running average of the weights, where there is one.</summary>
    public Ema? Average { get; }

    /// <summary>Whether batches are mixed, where the options have them mixed; false for the last epochs (<see cref="MixingOptions.OffEpochs"/>).</summary>
    public bool Mixes { get; set; } = true;

    /// <summary>Everything that a training needs to go on to the bit: weights, average, moments, loss scale, counts.</summary>
    public TrainingState Kept()
    {
        var model = new TrainingState([new("parameters", Model.Parameters), new("statistics", Model.Statistics), new("counters", Model.Counters)], []);
        var scaler = new TrainingState([], [new("scale", Scaler.Scale), new("good_steps", Scaler.GoodSteps), new("skipped_steps", Scaler.SkippedSteps)]);
        var all = new TrainingState([], [new("steps", Steps)]) + model.Under("model") + Optimizer.State().Under("optimizer") + scaler.Under("scaler");
        return Average is null ? all : all + Average.State().Under("average");
    }

    /// <summary>Puts back what <see cref="Kept"/> gave to a learner of the same options.</summary>
    /// <exception cref="RefusalException">Something is missing or of another size.</exception>
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

    /// <summary>Normalises a batch and learns from it.</summary>
    /// <exception cref="ArgumentException">An image has no target.</exception>
    public StepOutcome Step(PixelBatch batch, double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        var images = Normalize.ToDevice(batch, _preprocessing, Model.Device);
        var targets = torch.tensor(Targets(batch)).to(Model.Device);
        if (_options.Mixing.IsOn && Mixes)
        {
            var chance = KeyedRandom.For(_options.Seed, 0, Steps, "mixing");
            (images, targets) = Mixing.Apply(_options.Mixing, images, targets, Model.Architecture.Options.Classes, chance);
        }

        return Step(images, targets, learningRate);
    }

    /// <summary>Learns from a batch already on the device: the bare step.</summary>
    public StepOutcome Step(DeviceBatch batch, double learningRate) => Step(batch.Images, batch.Targets, learningRate);

    /// <summary>Learns from images already on the device.</summary>
    /// <param name="images">(N, 3, H, W), normalised.</param>
    /// <param name="targets">(N) int64, or (N, classes) float32 whose rows sum to 1.</param>
    /// <param name="learningRate">The rate of this step.</param>
    public StepOutcome Step(torch.Tensor images, torch.Tensor targets, double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        // Update may move the scale; these gradients carry this one.
        var scale = Scaler.Scale;
        var (loss, correct) = Accumulate(images, targets, scale);
        var value = loss.ToDouble();
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
        // Every part was a batch to the batch norms.
        Model.Counters.add_(Parts(images));
        if (stepped)
        {
            Average?.Update(Model, Optimizer.Steps);
        }

        return new StepOutcome(value, correct.ToInt32(), (int)images.shape[0], norm, stepped) { Penalty = penalty };
    }

    private long Parts(torch.Tensor images) => Math.Clamp(_options.Accumulation, 1, images.shape[0]);

    // Forward and backward, part by part: gradients add up in their buffer. The loss scale stays until the whole batch is through,
    // as PyTorch's GradScaler wants it.
    private (torch.Tensor Loss, torch.Tensor Correct) Accumulate(torch.Tensor images, torch.Tensor targets, double scale)
    {
        var parts = Parts(images);
        if (parts == 1)
        {
            return Backward(images, targets, 0, null, scale);
        }

        // Parts are sums over the whole batch's weight, so that they add up to its mean whatever their sizes.
        var weight = Loss.Weight(_options.Loss, targets, Model.Architecture.Options.Classes);
        (torch.Tensor Loss, torch.Tensor Correct)? all = null;
        for (var part = 0; part < parts; part++)
        {
            using var inner = torch.NewDisposeScope();
            var (from, to) = (part * images.shape[0] / parts, (part + 1) * images.shape[0] / parts);
            var (loss, correct) = Backward(images.narrow(0, from, to - from), targets.narrow(0, from, to - from), part, weight, scale);
            all = all is { } sum ? (sum.Loss.add_(loss), sum.Correct.add_(correct)) : (loss.clone().MoveToOuterDisposeScope(), correct.MoveToOuterDisposeScope());
        }

        return all!.Value;
    }

    private (torch.Tensor Loss, torch.Tensor Correct) Backward(torch.Tensor images, torch.Tensor targets, int part, torch.Tensor? weight, double scale)
    {
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
            loss = weight is null ? _options.Loss.Mean(logits, targets) : Loss.Sum(_options.Loss, logits, targets) / weight;
        }

        (Scaler.Enabled ? loss * scale : loss).backward();
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
            targets[i] = batch.Samples[i].Target ?? throw new ArgumentException($"{batch.Samples[i]} has no target to learn from.", nameof(batch));
        }

        return targets;
    }
}

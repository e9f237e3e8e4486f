using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Runs the networks of a trained model with libtorch.</summary>
internal sealed class TorchEngine : IClassificationEngine
{
    private readonly ClassifierPlan _plan;
    private readonly List<Network[]> _members = [];
    private readonly ComputeDevice _device;

    /// <summary>Loads the networks.</summary>
    /// <param name="plan">The networks and their combination.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="RefusalException">The weights do not match.</exception>
    public TorchEngine(ClassifierPlan plan, ClassifierOptions options)
    {
        _plan = plan;
        var networks = plan.Members.SelectMany(m => m.Parts).ToList();
        _device = DeviceChoice.Resolve(options.Device ?? networks[0].Recipe.Device);
        try
        {
            foreach (var member in plan.Members)
            {
                _members.Add([.. member.Parts.Select(p => new Network(p, member.Augmentation, AmpOf(options, p), _device, plan.Classes))]);
            }

            BatchSize = options.FitsBatch
                ? _members.SelectMany(m => m).Min(n => n.FindBatchSize())
                : options.BatchSize ?? plan.BatchSize;
        }
        catch
        {
            Dispose();
            throw;
        }

        Sizes = [.. _members.SelectMany(m => m).SelectMany(n => n.Preparations).Distinct()];
        // Every image is new, so that no list of grey files helps; an image that one member rejects is rejected.
        Decode = networks.Select(n => ImageFlow.DecodeFor(n.Recipe, n.Build(), exact: true)).MinBy(d => d.MaxPixels)! with { RememberGrey = false };
        Workers = networks.Max(n => n.Recipe.Workers) is > 0 and var workers ? workers : Environment.ProcessorCount;
    }

    /// <inheritdoc/>
    public string Name => $"torch on {_device}";

    /// <inheritdoc/>
    public string Title => _plan.Title;

    /// <inheritdoc/>
    public ImmutableArray<ClassName> Classes => _plan.Classes;

    /// <inheritdoc/>
    public ImmutableArray<string> Notes => _plan.Notes;

    /// <inheritdoc/>
    public DecodeOptions Decode { get; }

    /// <inheritdoc/>
    public ImmutableArray<PadResizeOptions> Sizes { get; }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int Workers { get; }

    /// <inheritdoc/>
    public EnsemblePrediction Predict(PreparedBatch batch) => _plan.Combine(MemberLogits(batch));

    /// <summary>Networks of each member, whose logits are averaged.</summary>
    public IReadOnlyList<IReadOnlyList<Network>> Members => _members;

    /// <summary>Computes the logits of each member: float32, (images, classes).</summary>
    /// <param name="batch">At least one usable image, in the sizes of <see cref="Sizes"/>; the caller keeps ownership.</param>
    public ImmutableArray<float[]> MemberLogits(PreparedBatch batch) => [.. _members.Select(networks => LogitsOf(networks, batch))];

    /// <inheritdoc/>
    public void Dispose() => _members.ForEach(m => Array.ForEach(m, n => n.Dispose()));

    private AmpMode AmpOf(ClassifierOptions options, NetworkPlan plan) =>
        options.Half ? (_device.IsCuda ? AmpMode.Fp16 : AmpMode.Bf16) : options.Amp ?? plan.Recipe.Amp;

    private float[] LogitsOf(Network[] parts, PreparedBatch batch) =>
        parts is [var only] ? only.Logits(batch, Sizes) : LogitsMean.Of(parts.Select(n => n.Logits(batch, Sizes)));
}

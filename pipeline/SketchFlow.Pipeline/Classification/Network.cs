using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Classification;

/// <summary>A loaded network, which computes logits as <see cref="PredictJob"/> does: the mean over all views of an image.</summary>
internal sealed class Network : IDisposable
{
    private readonly List<NetworkPass> _passes = [];
    private readonly ComputePrecision _precision;
    private readonly bool _isAugmented;
    private readonly ClassMapping? _classes;

    /// <summary>Loads the weights.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="augmentation">Test-time augmentation.</param>
    /// <param name="amp">Mixed precision.</param>
    /// <param name="device">The device.</param>
    /// <param name="classes">The classes in the order of the result; empty keeps the network's.</param>
    /// <exception cref="RefusalException">The weights do not match, or the classes differ.</exception>
    public Network(NetworkPlan plan, TestTimeAugmentation augmentation, AmpMode amp, ComputeDevice device, ImmutableArray<ClassName> classes)
    {
        _precision = MixedPrecision.Resolve(amp, device);
        _isAugmented = !augmentation.IsOff;
        string[] own = [.. plan.Classes.Select(c => c.Synset ?? c.Name)];
        string[] wanted = [.. classes.Select(c => c.Synset ?? c.Name)];
        _classes = own.SequenceEqual(wanted, StringComparer.Ordinal)
            ? null
            : ClassMapping.Between(own, wanted, plan.Name, "the classifier", "All members must have the same classes.");
        try
        {
            var architecture = plan.Build();
            foreach (var pass in augmentation.Passes(architecture))
            {
                var sized = pass.Side == architecture.InputSize ? architecture : plan.Build(pass.Side);
                var model = plan.Load(sized, device, plan.Recipe.ChannelsLast);
                var preparation = ImageFlow.Options(plan.Recipe, sized).Preparation with { Side = pass.PreparedSide };
                _passes.Add(new NetworkPass(model, new InferenceStep(model, sized.Preprocessing, _precision), preparation, pass.Views));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Passes of an image through the network; their logits are averaged.</summary>
    public IReadOnlyList<NetworkPass> Passes => _passes;

    /// <summary>For each class of the classifier, the number of the network's logit; null where both orders are the same.</summary>
    public ImmutableArray<int>? ClassSources => _classes is null or { IsIdentity: true } ? null : _classes.Sources;

    /// <summary>The sizes in which images are needed.</summary>
    public IEnumerable<PadResizeOptions> Preparations => _passes.Select(p => p.Preparation);

    /// <summary>Computes the logits of a batch: float32, (images, classes) in the order of the classifier.</summary>
    /// <param name="batch">The images in all sizes.</param>
    /// <param name="sizes">The sizes in the order of the batch.</param>
    public float[] Logits(PreparedBatch batch, IReadOnlyList<PadResizeOptions> sizes)
    {
        var places = _passes.ConvertAll(p => Enumerable.Range(0, sizes.Count).First(s => sizes[s] == p.Preparation));
        return _isAugmented
            ? ToClassifier(LogitsMean.Of(_passes.Zip(places).SelectMany(p => p.First.Inference.Logits(batch.Sizes[p.Second], p.First.Views))))
            : ToClassifier(_passes[0].Inference.Logits(batch.Sizes[places[0]]));
    }

    /// <summary>Finds the largest batch that fits into memory.</summary>
    public int FindBatchSize() => _passes.Min(p => InferenceBatchSize.FindLargest(p.Model, _precision, p.Preparation.Side).Size);

    /// <inheritdoc/>
    public void Dispose() => _passes.ForEach(p => p.Model.Dispose());

    private float[] ToClassifier(float[] logits) => _classes?.ApplyToRows(logits) ?? logits;
}

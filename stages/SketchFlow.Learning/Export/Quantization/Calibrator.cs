using System.Collections.Immutable;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Export.Quantization;

/// <summary>Runs a network on images and finds the ranges of the values that an 8-bit export stores in 8 bits.</summary>
/// <param name="model">The network, on the CPU; the caller keeps ownership.</param>
public sealed class Calibrator(FlatModel model)
{
    private readonly Dictionary<int, ValueHistogram> _histograms = [];

    /// <summary>Runs the network on a batch.</summary>
    /// <param name="batch">Images as large as the network's input, or larger where the views are crops.</param>
    /// <param name="views">Views of each image.</param>
    /// <exception cref="RefusalException">A value inside the network is not finite.</exception>
    public void Add(PixelBatch batch, IReadOnlyList<TtaView> views)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(views);
        using var graph = model.Architecture.Record(batch.Count);
        var values = new QuantizedNodes(graph).Values;
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var images = Normalize.ToDevice(batch, model.Architecture.Preprocessing, model.Device);
        foreach (var view in views)
        {
            var counted = new HashSet<Node>();
            graph.Run(model.Weights, view.Apply(images, model.Architecture.InputSize), (node, inputs) =>
            {
                foreach (var (input, tensor) in node.Inputs.Zip(inputs))
                {
                    // A value is counted when it is first read, after the activation that may overwrite it.
                    if (values.Contains(input) && counted.Add(input))
                    {
                        Histogram(input).Add(tensor);
                    }
                }
            }).Dispose();
        }
    }

    /// <summary>Returns the ranges.</summary>
    public ActivationRanges FindRanges() => new(
        _histograms.AsParallel().Select(h => (h.Key, Range: h.Value.FindRange())).ToImmutableDictionary(h => h.Key, h => h.Range));

    private ValueHistogram Histogram(Node node)
    {
        if (!_histograms.TryGetValue(node.Index, out var histogram))
        {
            _histograms.Add(node.Index, histogram = new ValueHistogram());
        }

        return histogram;
    }
}

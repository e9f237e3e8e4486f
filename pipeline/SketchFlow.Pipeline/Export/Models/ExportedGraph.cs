using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Graphs;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>Builds the graph of a trained model: the networks, the views of test-time augmentation, the folds and the combination of the members.</summary>
/// <param name="plan">The networks and their combination.</param>
/// <param name="engine">The loaded networks. The graph refers to their memory until it is written.</param>
/// <param name="options">Settings.</param>
/// <param name="ranges">Ranges of the values inside each network, for a model in 8 bits; null for one that computes in float32.</param>
internal sealed class ExportedGraph(
    ClassifierPlan plan, TorchEngine engine, ExportOptions options, IReadOnlyDictionary<NetworkPass, ActivationRanges>? ranges = null)
{
    private readonly OnnxGraph _graph = new(plan.Members[0].Parts[0].Recipe.Architecture);
    private readonly Dictionary<PadResizeOptions, string> _images = [];
    private readonly List<(string Name, long Width)> _embeddings = [];

    /// <summary>Smallest probability whose logarithm an ensemble gives as a logit; that of votes is above the share that breaks ties.</summary>
    public static double SmallestProbability(CombineRule rule) => rule == CombineRule.Hard ? 10 * CombinationNodes.TieBreak : 1e-12;

    /// <summary>Builds the graph.</summary>
    public OnnxGraph Build()
    {
        AddImages();

        string[] members = [.. engine.Members.Select(Member)];
        var combination = new CombinationNodes(_graph, plan.Combination, plan.Classes.Length, options.Network.Opset);
        var probabilities = combination.Add(members);
        var logits = members is [var only]
            ? only
            : _graph.AddNode("Log", [_graph.AddNode("Max", [probabilities, _graph.AddNumber(SmallestProbability(plan.Combination.Rule))])]);
        _graph.AddNode("Identity", [logits], output: ExportedModelDescription.Logits);
        _graph.AddNode("Identity", [probabilities], output: ExportedModelDescription.Probabilities);
        _graph.AddOutput(ExportedModelDescription.Logits, OnnxType.Float32, -1, plan.Classes.Length);
        _graph.AddOutput(ExportedModelDescription.Probabilities, OnnxType.Float32, -1, plan.Classes.Length);
        if (options.Embedding)
        {
            var joined = _embeddings is [var single] ? single.Name : _graph.AddNode("Concat", _embeddings.Select(e => e.Name), [("axis", 1L)]);
            _graph.AddNode("Identity", [joined], output: ExportedModelDescription.Embedding);
            _graph.AddOutput(ExportedModelDescription.Embedding, OnnxType.Float32, -1, _embeddings.Sum(e => e.Width));
        }

        return _graph;
    }

    private void AddImages()
    {
        var resize = options.Resize ? new ResizeNodes(_graph) : null;
        for (var i = 0; i < engine.Sizes.Length; i++)
        {
            var size = engine.Sizes[i];
            _images.Add(
                size,
                resize?.Add(size) ?? OnnxExporter.AddImages(_graph, ExportedModelDescription.InputName(i), options.Input, size.Side));
        }
    }

    private string Member(IReadOnlyList<Network> parts) => Mean([.. parts.Select(Part)]);

    private string Part(Network network)
    {
        var logits = Mean([.. network.Passes.Select(Pass)]);
        return network.ClassSources is { } sources
            ? _graph.AddNode("Gather", [logits, _graph.AddVector([.. sources.Select(s => (long)s)])], [("axis", 1L)])
            : logits;
    }

    private string Pass(NetworkPass pass)
    {
        var (architecture, views) = (pass.Model.Architecture, new ViewNodes(_graph, options.Network.Opset));
        var images = views.Add(_images[pass.Preparation], pass.Preparation.Side, architecture.InputSize, pass.Views);
        var outputs = OnnxExporter.AddNetwork(_graph, pass.Model, images, options.Network with { Ranges = ranges?[pass] });
        _embeddings.Add((views.Mean(outputs.Embedding, pass.Views.Length, outputs.Features), outputs.Features));
        return views.Mean(outputs.Logits, pass.Views.Length, plan.Classes.Length);
    }

    private string Mean(IReadOnlyList<string> values) => values is [var only] ? only : _graph.AddNode("Mean", values);
}

using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Precision;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>Runs the networks of a trained model with ONNX Runtime: the graph that <c>sketchflow export</c> writes, in a temporary file.</summary>
internal sealed class ExportedEngine : IClassificationEngine
{
    private readonly OnnxSession _session;

    /// <summary>Exports and loads the networks.</summary>
    /// <param name="plan">The networks and their combination.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="RefusalException">The weights do not match.</exception>
    public ExportedEngine(ClassifierPlan plan, ClassifierOptions options)
    {
        (Title, Classes, Notes) = (plan.Title, plan.Classes, plan.Notes);
        var contiguous = plan.WithContiguousWeights();
        using var networks = new TorchEngine(contiguous, options with { Device = "cpu", Amp = AmpMode.Off, Half = false });
        (Decode, Sizes, BatchSize, Workers) = (networks.Decode, networks.Sizes, networks.BatchSize, networks.Workers);
        (_session, _) = OnnxSession.Load(new ExportedGraph(contiguous, networks, new ExportOptions()).Build(), new OnnxModelHeader());
    }

    /// <inheritdoc/>
    public string Name => OnnxEngine.Engine;

    /// <inheritdoc/>
    public string Title { get; }

    /// <inheritdoc/>
    public ImmutableArray<ClassName> Classes { get; }

    /// <inheritdoc/>
    public ImmutableArray<string> Notes { get; }

    /// <inheritdoc/>
    public DecodeOptions Decode { get; }

    /// <inheritdoc/>
    public ImmutableArray<PadResizeOptions> Sizes { get; }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int Workers { get; }

    /// <inheritdoc/>
    public EnsemblePrediction Predict(PreparedBatch batch) => EnsemblePrediction.Of(
        _session.Run(ModelImages.ToInputs(batch.Sizes, ImageLayout.Bytes), [ExportedModelDescription.Probabilities])[0], Classes.Length);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}

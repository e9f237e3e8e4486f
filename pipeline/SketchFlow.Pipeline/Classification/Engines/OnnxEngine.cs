using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>Runs a model that <c>sketchflow export</c> wrote with ONNX Runtime.</summary>
internal sealed class OnnxEngine : IClassificationEngine
{
    /// <summary>Name of the library and the device.</summary>
    public const string Engine = "ONNX Runtime on cpu";

    private readonly SketchClassifier _classifier;

    /// <summary>Loads the model.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="RefusalException">The file is no model of SketchFlow.</exception>
    /// <exception cref="UsageException">An option is for models that libtorch runs.</exception>
    public OnnxEngine(TrainedFile file, ClassifierOptions options)
    {
        Refuse("--engine torch", options.Engine == EngineChoice.Torch, "runs with ONNX Runtime");
        Refuse("--model", options.Model is not null, "has its architecture in itself");
        Refuse("--tta", !options.Augmentation.IsOff, "has the views with which it was exported");
        Refuse("--half", options.Half, "has the precision with which it was exported");
        Refuse("--amp", options.Amp is not (null or AmpMode.Off or AmpMode.Auto), "has the precision with which it was exported");
        Refuse("--device", options.Device is not (null or "auto" or "cpu"), "runs on the CPU");
        _classifier = SketchClassifier.Load(file.File);
        Title = file.Title;
        BatchSize = options.BatchSize ?? _classifier.BatchSize;

        void Refuse(string option, bool isGiven, string reason)
        {
            if (isGiven)
            {
                throw new UsageException($"{option} is for runs and weights, and {file.File} is an ONNX file, which {reason}; leave {option} out.");
            }
        }
    }

    /// <inheritdoc/>
    public string Name => Engine;

    /// <inheritdoc/>
    public string Title { get; }

    /// <inheritdoc/>
    public ImmutableArray<ClassName> Classes => _classifier.Classes;

    /// <inheritdoc/>
    public ImmutableArray<string> Notes => [];

    /// <inheritdoc/>
    public DecodeOptions Decode => _classifier.Decode;

    /// <inheritdoc/>
    public ImmutableArray<PadResizeOptions> Sizes => _classifier.Sizes;

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int Workers => Environment.ProcessorCount;

    /// <summary>Whether a file is one of ONNX, by its name.</summary>
    public static bool Takes(TrainedFile file) => file.File.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public EnsemblePrediction Predict(PreparedBatch batch) =>
        EnsemblePrediction.Of(_classifier.Run(batch, ExportedModelDescription.Probabilities), Classes.Length);

    /// <inheritdoc/>
    public void Dispose() => _classifier.Dispose();
}

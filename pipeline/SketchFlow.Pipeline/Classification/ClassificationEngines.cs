using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Opens the engine of any trained model.</summary>
internal static class ClassificationEngines
{
    /// <summary>Loads a trained model; pretrained weights are downloaded if necessary.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="UsageException">An option does not belong to this kind of model.</exception>
    /// <exception cref="RefusalException">The model cannot classify new images; the message says why.</exception>
    public static IClassificationEngine Open(
        TrainedModel model,
        Artifacts artifacts,
        ClassifierOptions options,
        Action<string> log,
        ProgressBarFactory progress,
        CancellationToken cancellation = default) =>
        model is TrainedFile file && OnnxEngine.Takes(file)
            ? new OnnxEngine(file, options)
            : new TorchEngine(ClassifierPlans.Create(model, artifacts, options, log, progress, cancellation), options);
}

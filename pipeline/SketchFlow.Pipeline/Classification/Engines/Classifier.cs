using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>
/// Names the classes of new images with a trained model: images ─> decode ─> pad-resize ─> batch ─> engine ─> answers. Needs no training data and prints
/// nothing.
/// </summary>
/// <remarks>Answers have the order of the images, and memory does not grow with their number. One thread at a time may use it.</remarks>
public sealed class Classifier : IDisposable
{
    private readonly IClassificationEngine _engine;
    private readonly int _top;

    /// <summary>Uses an engine, which is disposed of together with this.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="top">Number of classes per answer.</param>
    internal Classifier(IClassificationEngine engine, int top) => (_engine, _top) = (engine, top);

    /// <summary>Human-readable name of the trained model, such as <c>the run a</c>.</summary>
    public string Title => _engine.Title;

    /// <summary>The classes, in the order of their numbers.</summary>
    public ImmutableArray<ClassName> Classes => _engine.Classes;

    /// <summary>Facts that the user should know, in whole sentences.</summary>
    public ImmutableArray<string> Notes => _engine.Notes;

    /// <summary>Number of images per batch.</summary>
    public int BatchSize => _engine.BatchSize;

    /// <summary>Number of images that are prepared in parallel.</summary>
    public int Workers => _engine.Workers;

    /// <summary>Loads a trained model; pretrained weights are downloaded if necessary.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="options">Settings.</param>
    /// <param name="log">Receives human-readable lines.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="UsageException">An option does not belong to this kind of model.</exception>
    /// <exception cref="RefusalException">The model cannot classify new images; the message says why.</exception>
    public static Classifier Open(
        TrainedModel model,
        Artifacts artifacts,
        ClassifierOptions options,
        Action<string> log,
        ProgressBarFactory progress,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        return new Classifier(ClassificationEngines.Open(model, artifacts, options, log, progress, cancellation), options.Top);
    }

    /// <summary>Classifies images.</summary>
    /// <param name="images">The images, read only as fast as they are classified.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>One answer per image, in their order; batches are computed as the answers are taken.</returns>
    public IEnumerable<ClassifiedImage> Classify(IEnumerable<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var run = Flow.From("images", images)
            .Map("decode-pad-resize", image => PreparedImage.Create(_engine.Decode, _engine.Sizes, image), Workers)
            .Batch("batch", BatchSize, PreparedBatch.Stack).With(o => o with { Background = true })
            .Start(cancellation: cancellation);
        while (run.TryTake(out var batch))
        {
            var prediction = batch.IsEmpty ? null : _engine.Predict(batch);
            var row = 0;
            foreach (var (image, error) in batch.Items)
            {
                yield return new ClassifiedImage(image.Name, error is null ? prediction!.Top(row++, Classes, _top) : [], error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();
}

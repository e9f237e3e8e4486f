using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Classification;

/// <summary>
/// Names the classes of new images with a trained model: images ─> decode ─> pad-resize ─> batch ─> infer ─> calibrate ─> combine ─> answers. Needs no
/// training data and prints nothing.
/// </summary>
/// <remarks>Answers have the order of the images, and memory does not grow with their number. One thread at a time may use it.</remarks>
public sealed class Classifier : IDisposable
{
    private readonly ClassifierPlan _plan;
    private readonly int _top;
    private readonly List<Network[]> _members = [];
    private readonly PadResizeOptions[] _sizes;
    private readonly DecodeOptions _decode;

    private Classifier(ClassifierPlan plan, ClassifierOptions options)
    {
        (_plan, _top) = (plan, options.Top);
        var networks = plan.Members.SelectMany(m => m.Parts).ToList();
        Device = DeviceChoice.Resolve(options.Device ?? networks[0].Recipe.Device);
        try
        {
            foreach (var member in plan.Members)
            {
                _members.Add([.. member.Parts.Select(p => new Network(p, member.Augmentation, AmpOf(options, p), Device, plan.Classes))]);
            }

            BatchSize = options.FitsBatch
                ? _members.SelectMany(m => m).Min(n => n.FindBatchSize())
                : options.BatchSize ?? networks.Min(n => n.Recipe.BatchSize);
        }
        catch
        {
            Dispose();
            throw;
        }

        _sizes = [.. _members.SelectMany(m => m).SelectMany(n => n.Preparations).Distinct()];
        // Every image is new, so that no list of grey files helps; an image that one member rejects is rejected.
        _decode = networks.Select(n => ImageFlow.DecodeFor(n.Recipe, n.Build(), exact: true)).MinBy(d => d.MaxPixels)! with { RememberGrey = false };
        Workers = networks.Max(n => n.Recipe.Workers) is > 0 and var workers ? workers : Environment.ProcessorCount;
    }

    /// <summary>Human-readable name of the trained model, such as <c>the run a</c>.</summary>
    public string Title => _plan.Title;

    /// <summary>The classes, in the order of their numbers.</summary>
    public ImmutableArray<ClassName> Classes => _plan.Classes;

    /// <summary>Facts that the user should know, in whole sentences.</summary>
    public ImmutableArray<string> Notes => _plan.Notes;

    /// <summary>Device of the networks.</summary>
    public ComputeDevice Device { get; }

    /// <summary>Number of images per batch.</summary>
    public int BatchSize { get; }

    /// <summary>Number of images that are prepared in parallel.</summary>
    public int Workers { get; }

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
        return new Classifier(ClassifierPlans.Create(model, artifacts, options, log, progress, cancellation), options);
    }

    /// <summary>Classifies images.</summary>
    /// <param name="images">The images, read only as fast as they are classified.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>One answer per image, in their order; batches are computed as the answers are taken.</returns>
    public IEnumerable<ClassifiedImage> Classify(IEnumerable<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var run = Flow.From("images", images)
            .Map("decode-pad-resize", image => PreparedImage.Create(_decode, _sizes, image), Workers)
            .Batch("batch", BatchSize, PreparedBatch.Stack).With(o => o with { Background = true })
            .Start(cancellation: cancellation);
        while (run.TryTake(out var batch))
        {
            var prediction = batch.Sizes.Length == 0 ? null : Predict(batch);
            var row = 0;
            foreach (var (image, error) in batch.Items)
            {
                yield return error is null ? Answer(image, prediction!, row++) : new ClassifiedImage(image.Name, [], error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _members.ForEach(m => Array.ForEach(m, n => n.Dispose()));

    private AmpMode AmpOf(ClassifierOptions options, NetworkPlan plan) =>
        options.Half ? (Device.IsCuda ? AmpMode.Fp16 : AmpMode.Bf16) : options.Amp ?? plan.Recipe.Amp;

    private EnsemblePrediction Predict(PreparedBatch batch)
    {
        var rows = batch.Sizes[0].Count;
        long[] ids = [.. Enumerable.Range(0, rows)];
        var (paths, targets, statuses) = (new string[rows], new int?[rows], new string[rows]);
        Array.Fill(paths, "");
        Array.Fill(statuses, LogitsTable.Ok);
        ImmutableArray<string> names = [.. Classes.Select(c => c.Name)];
        ImmutableArray<LogitsTable> tables =
        [
            .. _plan.Members.Zip(_members, (plan, networks) => new LogitsTable(
                plan.Name, Metadata(plan.Name, names), ids, paths, targets, statuses, LogitsOf(networks, batch))),
        ];
        return _plan.Combination.Apply(new LogitsSet(tables, ids, paths, targets));
    }

    private static LogitsMetadata Metadata(string name, ImmutableArray<string> classes) =>
        new() { Model = "", Run = name, ClassNames = classes, Dataset = "", Split = "" };

    private float[] LogitsOf(Network[] parts, PreparedBatch batch) =>
        parts is [var only] ? only.Logits(batch, _sizes) : LogitsMean.Of(parts.Select(n => n.Logits(batch, _sizes)));

    private ClassifiedImage Answer(ImageInput image, EnsemblePrediction prediction, int row)
    {
        var best = prediction.Predictions[row];
        var probabilities = prediction.Row(row).ToArray();
        return new ClassifiedImage(
            image.Name,
            [
                .. TopClasses.Select(probabilities, best, _top).Select(c => new ClassProbability(Classes[c], c, probabilities[c])),
            ]);
    }
}

using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Predicts the splits of a data set with a trained model: files ─> decode ─> pad-resize ─> batch ─> infer ─> logits (Parquet).</summary>
/// <param name="run">The run whose best weights are used.</param>
/// <param name="recipe">The recipe of the run.</param>
/// <param name="data">The images.</param>
/// <param name="artifacts">The folder of all output, which receives the tables.</param>
/// <param name="context">Device and progress display.</param>
/// <param name="augmentation">Test-time augmentation; null for none.</param>
public sealed partial class PredictJob(
    RunFolder run, Recipe recipe, DataSet data, Artifacts artifacts, JobContext context, TestTimeAugmentation? augmentation = null) : IDisposable
{
    private const string Fix = "Predict with the data set of the run, or train a new run.";

    private readonly TestTimeAugmentation _augmentation = augmentation ?? new();
    private readonly (RunIdentity Identity, ClassMapping? Classes) _trained = ReadIdentity(run, data);
    private readonly FlatModel _model = LoadModel(run, recipe, data, context);
    private readonly HeldOutRows _heldOut = HeldOutRows.Find(run, data);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, context.Device);
    private readonly PredictionStore _store = new(artifacts);
    private readonly string _checkpoint = FileHash.Sha256(run.Best);
    private readonly string _fingerprint = DataSetFingerprint.Compute(data);
    private IBatchInference? _plain;
    private int? _batchSize;
    private double? _fittedTemperature;

    /// <summary>Facts about the run that its weights carry.</summary>
    public RunIdentity Identity => _trained.Identity;

    /// <summary>
    /// Temperature that calibrates the logits: the run's own or, for a run of an older version, fitted on the validation rows by <see cref="Run"/>; null if
    /// the run is not calibrated.
    /// </summary>
    public double? Temperature => Identity.Temperature ?? _fittedTemperature;

    /// <summary>Differences between the data set and that of the training, in whole sentences; empty if there is none.</summary>
    public IEnumerable<string> Notes()
    {
        if (Classes is null)
        {
            yield return $"{run.Best} has no class names, so that only the number of classes could be compared with {data.Name}.";
        }
        else if (!Classes.IsIdentity)
        {
            yield return $"{run.Name} and {data.Name} number the same classes in another order; classes are matched by name.";
        }

        if (Identity.Preprocessing is { } trained && ImageFlow.DescribePreprocessing(recipe, _model.Architecture) is var now && trained != now)
        {
            yield return $"Images are prepared in another way than in training: {now}; in training: {trained}.";
        }

        if (Identity.EstimatedBy is { } estimator)
        {
            yield return $"{run.Name} learned from every labelled image and cannot be measured; the accuracy of {estimator}"
                + $"{(Identity.EstimatedAccuracy is { } accuracy ? $", {Percent.Text(accuracy)}," : "")} is the estimate.";
        }

        foreach (var note in _heldOut.Notes)
        {
            yield return note;
        }
    }

    /// <summary>Predicts the validation rows and every test row, and writes one table per split.</summary>
    public ImmutableArray<SplitPrediction> Run(CancellationToken cancellation)
    {
        var splits = ImmutableArray.CreateBuilder<SplitPrediction>();
        if (_heldOut.Samples.Length > 0)
        {
            var heldOut = PredictHeldOut(cancellation);
            _fittedTemperature ??= Identity.Temperature is null ? FitTemperature(heldOut.Table) : null;
            splits.Add(heldOut);
        }

        if (run.Fold is not null && data.Validation.Length > 0)
        {
            splits.Add(Predict("val", [.. data.Validation.Where(s => s.Target is not null)], cancellation));
        }

        if (data.Test.Length > 0)
        {
            splits.Add(Predict("test", data.Test, cancellation));
        }

        return splits.ToImmutable();
    }

    /// <summary>Predicts the rows that the run was validated on, and writes their table.</summary>
    /// <remarks>
    /// The rows of a fold are rows of the training set. They are written to <c>val</c>, where all folds together form the validation table of the run, or
    /// to <c>train</c> if the data set has its own validation split.
    /// </remarks>
    public SplitPrediction PredictHeldOut(CancellationToken cancellation) =>
        Predict(run.Fold is not null && data.Validation.Length > 0 ? "train" : "val", _heldOut.Samples, cancellation);

    /// <summary>Measures the largest batch that fits into memory, and uses it from now on.</summary>
    /// <returns>Number of images per batch, and bytes per image in addition to the weights (0 if that was not measured).</returns>
    public (int Size, long BytesPerImage) FitBatch()
    {
        var (size, bytesPerImage) = InferenceBatchSize.FindLargest(_model, _precision, _model.Architecture.InputSize);
        // Larger views take proportionally more memory; where that is not enough, InferenceStep halves the batch.
        var largest = _augmentation.IsOff ? _model.Architecture.InputSize : _augmentation.Passes(_model.Architecture).Max(p => p.Side);
        var growth = Math.Pow((double)largest / _model.Architecture.InputSize, 2);
        _batchSize = Math.Max(1, (int)(size / Math.Max(1, growth)));
        return (_batchSize.Value, bytesPerImage);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain?.Dispose();
        _model.Dispose();
    }

    // Null where the weights have no class names.
    private ClassMapping? Classes => _trained.Classes;

    private static (RunIdentity Identity, ClassMapping? Classes) ReadIdentity(RunFolder run, DataSet data)
    {
        var identity = RunIdentity.Read(run);
        return (identity, identity.Classes.IsEmpty
            ? null
            : ClassMapping.Between(identity.Classes, data.Classes, $"the run {run.Name}", $"the data set {data.Name}", Fix));
    }

    private static FlatModel LoadModel(RunFolder run, Recipe recipe, DataSet data, JobContext context)
    {
        var architecture = RecipeModel.Build(recipe, data.Classes.Length);
        var (model, report) = FlatModel.Load(
            architecture, run.Best, recipe.Seed, context.Device, recipe.ChannelsLast && context.Engine == InferenceEngine.Torch, learns: false);
        if (!report.NewClassifier.IsEmpty)
        {
            model.Dispose();
            throw new RefusalException($"{run.Best} was trained for another number of classes than the {data.Classes.Length} of {data.Name}. {Fix}");
        }

        return model;
    }

    private SplitPrediction Predict(string split, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var metadata = CreateMetadata(split);
        if (_augmentation.IsOff)
        {
            var (once, rejections) = PredictOnce(metadata, samples, cancellation);
            PredictionStore.Write(once);
            return new SplitPrediction(once, Accuracy(once), rejections);
        }

        var (table, rejected, plain) = PredictViews(metadata, samples, cancellation);
        // Crops have no view of the whole image.
        plain ??= PredictOnce(metadata with { Tta = TestTimeAugmentation.Off }, samples, cancellation).Table;
        PredictionStore.Write(plain);
        PredictionStore.Write(table);
        return new SplitPrediction(table, Accuracy(table), rejected) { PlainAccuracy = Accuracy(plain) };
    }

    private static double? FitTemperature(LogitsTable table) => table.Targets.All(t => t is not null)
        ? Scoring.Metrics.Temperature.Fit(table.Logits, table.Classes, table.Targets.Select(t => t!.Value).ToArray())
        : null;

    private static double? Accuracy(LogitsTable table) =>
        table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : null;

    private LogitsMetadata CreateMetadata(string split) => new()
    {
        Model = _model.Architecture.Name,
        Run = run.Run,
        Fold = run.Fold,
        CheckpointSha256 = _checkpoint,
        ClassNames = data.Classes,
        Preprocessing = ImageFlow.DescribePreprocessing(recipe, _model.Architecture),
        Tta = _augmentation.ToString(),
        Seed = recipe.Seed,
        Dataset = data.Name,
        DatasetSha256 = _fingerprint,
        RowsSha256 = Identity.RowsFingerprint,
        EstimatedBy = Identity.EstimatedBy,
        Temperature = Temperature,
        Engine = context.Engine == InferenceEngine.Onnx ? OnnxInference.Title : null,
        SubmissionIds = split == RunLogits.Test ? PredictionStore.SubmissionIds(data.Test) : [],
        Format = split == RunLogits.Test ? data.Submission : null,
        FormatFault = split == RunLogits.Test && data.SubmissionFault.Length > 0 ? data.SubmissionFault : null,
        Split = split,
    };

    private (LogitsTable Table, ImmutableArray<Rejected> Rejected) PredictOnce(
        LogitsMetadata metadata, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var architecture = _model.Architecture;
        var classes = architecture.Options.Classes;
        // All splits share it: ONNX Runtime compiles the graph when it is opened.
        var inference = _plain ??= Open(_model, architecture.InputSize, [TtaView.Plain]);
        var targets = samples.ToDictionary(s => s.Id, s => s.Target);
        var rejected = ImmutableArray.CreateBuilder<Rejected>();
        var table = new LogitsTableBuilder(_store.PathOf(metadata), metadata, samples.Count);
        using var bar = context.Progress($"{run.Name} {metadata.Split}", samples.Count, "images");
        ImageFlow.Batches(Options(architecture), samples).Run(
            batch =>
            {
                var logits = ToDataSet(inference.Logits(batch)[0]);
                for (var i = 0; i < batch.Count; i++)
                {
                    table.Add(batch.Samples[i], logits.AsSpan(i * classes, classes));
                }

                bar.Report(table.Rows);
            },
            reason =>
            {
                rejected.Add(reason);
                table.Add(reason, targets[reason.Id]);
            },
            cancellation);
        return (table.ToTable(), rejected.ToImmutable());
    }

    private IBatchInference Open(FlatModel model, int side, IReadOnlyList<TtaView> views) => context.Engine == InferenceEngine.Onnx
        ? new OnnxInference(model, side, views)
        : new TorchInference(model, _precision, views);

    // Reorders logits (images × classes) from the classes of the run to those of the data set.
    private float[] ToDataSet(float[] logits) => Classes?.ApplyToRows(logits) ?? logits;

    private ImageFlowOptions Options(Architecture architecture)
    {
        var options = ImageFlow.Options(recipe, architecture);
        return _batchSize is { } size ? options with { BatchSize = size } : options;
    }
}

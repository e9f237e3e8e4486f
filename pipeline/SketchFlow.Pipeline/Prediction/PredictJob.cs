using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
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
    private readonly TestTimeAugmentation _augmentation = augmentation ?? new();
    private readonly FlatModel _model = LoadModel(run, recipe, data, context);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, context.Device);
    private readonly PredictionStore _store = new(artifacts);
    private int? _batchSize;

    /// <summary>Predicts the validation rows and every test row, and writes one table per split.</summary>
    public ImmutableArray<SplitPrediction> Run(CancellationToken cancellation)
    {
        var splits = ImmutableArray.CreateBuilder<SplitPrediction>();
        if (DataSource.Split(data, recipe).Validation.Count > 0)
        {
            splits.Add(PredictHeldOut(cancellation));
        }

        if (run.Fold is not null && data.Validation.Length > 0)
        {
            splits.Add(Predict("val", data.Validation, cancellation));
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
        Predict(run.Fold is not null && data.Validation.Length > 0 ? "train" : "val", DataSource.Split(data, recipe).Validation, cancellation);

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
    public void Dispose() => _model.Dispose();

    private static FlatModel LoadModel(RunFolder run, Recipe recipe, DataSet data, JobContext context)
    {
        var architecture = RecipeModel.Build(recipe, data.Classes.Length);
        var (model, report) = FlatModel.Load(architecture, run.Best, recipe.Seed, context.Device, recipe.ChannelsLast, learns: false);
        if (!report.NewClassifier.IsEmpty)
        {
            model.Dispose();
            throw new RefusalException(
                $"{run.Best} was trained for another number of classes than the {data.Classes.Length} of {data.Name}; "
                + "predict with the data set of the run, or train a new one.");
        }

        return model;
    }

    private SplitPrediction Predict(string split, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var metadata = CreateMetadata(split);
        var (table, rejected) = _augmentation.IsOff ? PredictOnce(metadata, samples, cancellation) : PredictViews(metadata, samples, cancellation);
        PredictionStore.Write(table);
        var accuracy = table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : default(double?);
        return new SplitPrediction(table, accuracy, rejected);
    }

    private LogitsMetadata CreateMetadata(string split)
    {
        var architecture = _model.Architecture;
        var preprocessing = architecture.Preprocessing;
        return new LogitsMetadata
        {
            Model = architecture.Name,
            Run = run.Run,
            Fold = run.Fold,
            CheckpointSha256 = FileHash.Sha256(run.Best),
            ClassNames = data.Classes,
            Preprocessing = $"{Options(architecture).Preparation}, mean {string.Join(' ', preprocessing.Mean)}, std {string.Join(' ', preprocessing.Std)}",
            Tta = _augmentation.ToString(),
            Seed = recipe.Seed,
            Dataset = data.Name,
            Split = split,
        };
    }

    private (LogitsTable Table, ImmutableArray<Rejected> Rejected) PredictOnce(
        LogitsMetadata metadata, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var architecture = _model.Architecture;
        var classes = architecture.Options.Classes;
        var inference = new InferenceStep(_model, architecture.Preprocessing, _precision);
        var targets = samples.ToDictionary(s => s.Id, s => s.Target);
        var rejected = ImmutableArray.CreateBuilder<Rejected>();
        var table = new LogitsTableBuilder(_store.PathOf(metadata), metadata, samples.Count);
        using var bar = context.Progress($"{run.Name} {metadata.Split}", samples.Count, "images");
        ImageFlow.Batches(Options(architecture), samples).Run(
            batch =>
            {
                var logits = inference.Logits(batch);
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

    private ImageFlowOptions Options(Architecture architecture)
    {
        var options = ImageFlow.Options(recipe, architecture);
        return _batchSize is { } size ? options with { BatchSize = size } : options;
    }
}

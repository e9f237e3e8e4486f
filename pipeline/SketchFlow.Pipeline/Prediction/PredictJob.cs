using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>files ─> decode ─> pad-resize ─> batch ─> infer ─> logits (Parquet) ─> submission.csv</summary>
/// <param name="run">The run whose best weights are used.</param>
/// <param name="recipe">Its recipe.</param>
/// <param name="data">Its images.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="artifacts">Where tables and submissions go.</param>
/// <param name="augmentation">Test-time augmentation; null is off.</param>
public sealed partial class PredictJob(
    RunFolder run, Recipe recipe, DataSet data, ComputeDevice device, Artifacts artifacts, TestTimeAugmentation? augmentation = null) : IDisposable
{
    private readonly TestTimeAugmentation _augmentation = augmentation ?? new();
    private readonly FlatModel _model = Load(run, recipe, data, device);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, device);

    /// <summary>Predicts the validation rows, and every test row; <see cref="Submit"/> makes the submission of these.</summary>
    public IEnumerable<SplitPrediction> Run(CancellationToken cancellation)
    {
        if (DataSource.Split(data, recipe).Validation.Count > 0)
        {
            yield return HeldOut(cancellation);
        }

        if (run.Fold is not null && data.Validation.Length > 0)
        {
            yield return Predict("val", data.Validation, cancellation);
        }

        if (data.Test.Length > 0)
        {
            yield return Predict("test", data.Test, cancellation);
        }
    }

    /// <summary>
    /// Predicts the rows that the run was validated on. Those of a fold are rows of the training set: they go to <c>val</c>, where all folds
    /// together are the validation table of the run, or to <c>train</c> where the data set has a validation split beside them.
    /// </summary>
    public SplitPrediction HeldOut(CancellationToken cancellation) =>
        Predict(run.Fold is not null && data.Validation.Length > 0 ? "train" : "val", DataSource.Split(data, recipe).Validation, cancellation);

    /// <summary>Writes a run's submission from its test logits; those of folds are averaged.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="RefusalException">There are no test logits of the run.</exception>
    public static string Submit(Artifacts artifacts, RunFolder run, DataSet data)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        // Tables have their rows as they came, rejected ones where they were found; a set has them in the order of their ids.
        var rows = RunLogits.Read(artifacts, data.Name, RunLogits.Test, [run.Run])?.Set
            ?? throw new RefusalException($"There are no test logits of the run {run.Run}; run make predict RUN={run.Run}.");
        var path = Path.Combine(artifacts.Submissions, $"{run.Run}.csv");
        Submission.Write(path, rows.Ids, rows.ImagePaths, Combine.SoftVote(rows).Predictions, data.Test.Length);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private static FlatModel Load(RunFolder run, Recipe recipe, DataSet data, ComputeDevice device)
    {
        var architecture = RecipeModel.Build(recipe, data.Classes.Length);
        var (model, report) = FlatModel.Load(architecture, run.Best, recipe.Seed, device, recipe.ChannelsLast, learns: false);
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
        var architecture = _model.Architecture;
        var options = Options(architecture);
        var metadata = new LogitsMetadata
        {
            Model = architecture.Name,
            Run = run.Run,
            Fold = run.Fold,
            CheckpointSha256 = FileHash.Sha256(run.Best),
            ClassNames = data.Classes,
            Preprocessing = $"{options.Preparation}, mean {string.Join(' ', architecture.Preprocessing.Mean)}, std {string.Join(' ', architecture.Preprocessing.Std)}",
            Tta = _augmentation.ToString(),
            Seed = recipe.Seed,
            Dataset = data.Name,
            Split = split,
        };
        var path = metadata.PathBelow(artifacts.Logits);
        if (!_augmentation.IsOff)
        {
            return PredictViews(metadata, samples, cancellation);
        }

        var inference = new InferenceStep(_model, architecture.Preprocessing, _precision);
        var targets = samples.ToDictionary(s => s.Id, s => s.Target);
        var rejected = ImmutableArray.CreateBuilder<Rejected>();
        using (var writer = new LogitsWriter(path, metadata))
        using (var bar = Progress.Open($"{run.Name} {split}", samples.Count, "images"))
        {
            ImageFlow.Batches(options, samples).Run(
                batch =>
                {
                    var logits = inference.Logits(batch);
                    for (var i = 0; i < batch.Count; i++)
                    {
                        var sample = batch.Samples[i];
                        writer.Append(sample.Id, sample.ImagePath, sample.Target, logits.AsSpan(i * architecture.Options.Classes, architecture.Options.Classes));
                    }

                    bar.Report(writer.Rows);
                },
                reason =>
                {
                    rejected.Add(reason);
                    writer.Append(reason, targets[reason.Id]);
                },
                cancellation);
            writer.Complete();
        }

        return Judge(metadata, path, rejected.ToImmutable());
    }

    private static SplitPrediction Judge(LogitsMetadata metadata, string path, ImmutableArray<Rejected> rejected)
    {
        var table = LogitsReader.Read(path);
        var accuracy = table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : default(double?);
        return new SplitPrediction(metadata.Split, path, table.Rows, accuracy, rejected);
    }
}

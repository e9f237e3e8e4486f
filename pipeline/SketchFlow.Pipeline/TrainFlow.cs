using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Imaging;
using SketchFlow.Insight;
using SketchFlow.Learning;
using SketchFlow.Learning.Amp;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Flows;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Terminal;
using SketchFlow.Samples;
using SketchFlow.Scoring;

namespace SketchFlow.Pipeline;

/// <summary>What a training run came to.</summary>
/// <param name="Epochs">One row an epoch.</param>
/// <param name="Best">The row of the best epoch.</param>
/// <param name="Rejected">Images that could not be used.</param>
/// <param name="StoppedEarly">Patience ended before the epochs did.</param>
public sealed record TrainReport(ImmutableArray<EpochMetrics> Epochs, EpochMetrics? Best, ImmutableArray<Rejected> Rejected, bool StoppedEarly);

/// <summary>files ─> decode ─> pad-resize ─> augment ─> batch ─> train ─> checkpoints, metrics.</summary>
/// <param name="recipe">The experiment.</param>
/// <param name="data">Its images.</param>
/// <param name="folder">Where its files go.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="say">Takes a line for people.</param>
public sealed class TrainFlow(Recipe recipe, DataSet data, RunFolder folder, ComputeDevice device, Action<string> say)
{
    private readonly (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) _split = DataSource.Split(data, recipe.Data.Validation, recipe.Seed);
    private readonly AugmentPlan _augmentation = AugmentPlan.Compile(recipe.Augmentation);
    private readonly Architecture _architecture = Build(recipe, data.Classes.Length);
    private readonly Precision _precision = MixedPrecision.Resolve(recipe.Amp, device);
    private readonly Dictionary<(bool Training, long Id), Rejected> _rejected = [];
    private PlateauState _plateau = new();

    /// <summary>The architecture that a recipe names, for so many classes.</summary>
    public static Architecture Build(Recipe recipe, int classes)
    {
        var architecture = Zoo.Build(recipe.Architecture, new ModelOptions
        {
            Classes = classes,
            InputSize = recipe.ImageSize,
            DropPath = recipe.Model.DropPath,
            Dropout = recipe.Model.Dropout,
            LayerScale = recipe.Model.LayerScale,
        });
        return recipe.Preparation is { Mean: { } mean, Std: { } std }
            ? architecture with { Preprocessing = architecture.Preprocessing with { Mean = mean, Std = std } }
            : architecture;
    }

    /// <summary>The flow of one epoch's training batches, described.</summary>
    public Flow<PixelBatch> Training(int epoch) => ImageFlow.Batches(
        ImageFlow.Options(recipe, _architecture) with
        {
            Decode = ImageFlow.DecodeFor(recipe, _architecture, exact: false),
            Augmentation = _augmentation,
            Epoch = epoch,
            // A last batch of one or two images would spoil the batch norms' statistics.
            LastBatch = _split.Train.Count >= recipe.BatchSize ? LastBatch.Drop : LastBatch.Keep,
        },
        EpochOrder.Shuffle(_split.Train, recipe.Seed, epoch));

    /// <summary>The steps of the whole training and their learning rates.</summary>
    public TrainPlan Plan() => TrainPlan.Of(recipe, _split.Train.Count);

    /// <summary>The flow of the validation batches, described.</summary>
    public Flow<PixelBatch> Validation() => ImageFlow.Batches(ImageFlow.Options(recipe, _architecture), _split.Validation);

    /// <summary>Trains to the end, to early stopping, or to the cancellation, after which the last weights are saved.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; <c>last.safetensors</c> holds the weights of that moment.</exception>
    /// <exception cref="RefusalException">Losses were not finite too often in a row, or no image could be used.</exception>
    public TrainReport Run(CancellationToken cancellation)
    {
        using var learner = NewLearner();
        say($"{_architecture}, {device}, {(_precision == Precision.Float32 ? "float32" : $"autocast {_precision}")}; {data}");
        say($"train {_split.Train.Count} images, validate on {_split.Validation.Count}: {Training(0)}");
        Directory.CreateDirectory(folder.Folder);
        WholeFile.WriteText(folder.Recipe, RecipeFile.Write(recipe));

        var stepsPerEpoch = Math.Max(1, _split.Train.Count >= recipe.BatchSize ? _split.Train.Count / recipe.BatchSize : 1);
        var epochs = new List<EpochMetrics>();
        var patience = new Patience(recipe.Stopping);
        var next = Training(0).Start(r => _rejected[(true, r.Id)] = r, CancellationToken.None);
        try
        {
            for (var epoch = 0; epoch < recipe.Epochs && !patience.IsOver; epoch++)
            {
                using var run = next;
                var row = TrainEpoch(learner, run, epoch, stepsPerEpoch, cancellation);
                if (epoch + 1 < recipe.Epochs)
                {
                    // The next epoch's first batches are prepared while this one is validated.
                    next = Training(epoch + 1).Start(r => _rejected[(true, r.Id)] = r, CancellationToken.None);
                }

                row = Validate(learner.Model, row, cancellation);
                _plateau = recipe.Stopping.Metric == ValidationMetric.Loss
                    ? _plateau.After(recipe.Schedule, row.ValidationLoss, lowerIsBetter: true)
                    : _plateau.After(recipe.Schedule, row.ValidationAccuracy, lowerIsBetter: false);
                epochs.Add(row);
                Checkpoint.Write(folder.Last, learner.Model, data, row);
                if (patience.Take(row))
                {
                    Checkpoint.Write(folder.Best, learner.Model, data, row);
                }

                EpochMetrics.Write(folder.Metrics, epochs);
                say(row.ToString());
            }
        }
        catch (OperationCanceledException)
        {
            Checkpoint.Write(folder.Last, learner.Model, data, epochs.LastOrDefault());
            throw;
        }
        finally
        {
            next.Dispose();
        }

        LearningCurves.Draw(folder.Curves, folder.Name, [.. epochs.Select(e => e.Curve)]);
        return new TrainReport([.. epochs], patience.Best, [.. _rejected.Values.OrderBy(r => r.Id)], patience.IsOver);
    }

    private Learner NewLearner()
    {
        using var weights = Start();
        var model = FlatModel.Of(_architecture, weights, device, recipe.ChannelsLast, learns: true);
        return new Learner(Options(), model, _architecture.Preprocessing);
    }

    private LearnerOptions Options()
    {
        var counts = new int[data.Classes.Length];
        foreach (var sample in _split.Train)
        {
            counts[sample.Target ?? throw new RefusalException($"{sample} has no target to learn from.")]++;
        }

        return new LearnerOptions
        {
            Loss = recipe.Loss.For(counts),
            Mixing = recipe.Mixing,
            Optimizer = recipe.Optimizer,
            Ema = recipe.Ema,
            Accumulation = recipe.Accumulation,
            Checkpointing = recipe.Model.Checkpointing,
            Precision = _precision,
            Seed = recipe.Seed,
        };
    }

    private ModelWeights Start()
    {
        if (recipe.Weights is not { } file)
        {
            return ModelWeights.Fresh(_architecture, recipe.Seed);
        }

        var (weights, report) = ModelWeights.Load(_architecture, file, recipe.Seed);
        say($"weights from {file}: {report}");
        return weights;
    }

    private EpochMetrics TrainEpoch(Learner learner, FlowRun<PixelBatch> run, int epoch, int stepsPerEpoch, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var (loss, correct, seen, steps, nonFinite, rate) = (0.0, 0, 0, 0, 0, 0.0);
        using var bar = Progress.Open($"epoch {epoch + 1}/{recipe.Epochs}", _split.Train.Count, "images");
        learner.Mixes = recipe.Mixing.IsOnIn(epoch, recipe.Epochs);
        while (run.TryTake(out var batch))
        {
            cancellation.ThrowIfCancellationRequested();
            var step = ((long)epoch * stepsPerEpoch) + steps++;
            rate = recipe.Optimizer.LearningRate * recipe.Schedule.Factor(step, stepsPerEpoch, recipe.Epochs, _plateau);
            var outcome = learner.Step(batch, rate);
            nonFinite = outcome.Stepped ? 0 : nonFinite + 1;
            if (!outcome.Stepped)
            {
                Complain(batch, outcome, nonFinite);
            }
            else
            {
                loss += outcome.Loss * outcome.Count;
                correct += outcome.Correct;
            }

            seen += outcome.Count;
            bar.Report(seen, $"loss {loss / seen:0.000} accuracy {100.0 * correct / seen:0.0} % rate {rate:0.0e0} waiting {100 * run.Waited / watch.Elapsed:0.0} %");
        }

        if (seen == 0)
        {
            throw new RefusalException($"None of the {_split.Train.Count} training images could be used; the first was rejected as {_rejected.Values.FirstOrDefault()}.");
        }

        return new EpochMetrics
        {
            Epoch = epoch + 1,
            LearningRate = rate,
            TrainLoss = loss / seen,
            TrainAccuracy = (double)correct / seen,
            ImagesPerSecond = seen / watch.Elapsed.TotalSeconds,
            DataWaitShare = run.Waited / watch.Elapsed,
            SkippedSteps = learner.Scaler.SkippedSteps,
        };
    }

    private void Complain(PixelBatch batch, StepOutcome outcome, int inARow)
    {
        var ids = string.Join(", ", batch.Samples.Select(s => s.Id));
        say($"A step was skipped: loss {outcome.Loss}, gradient norm {outcome.GradientNorm}, samples {ids}.");
        if (inARow >= recipe.NonFiniteLimit)
        {
            throw new RefusalException(
                $"{inARow} steps in a row had a loss or gradient that is not finite, last with the samples {ids}; "
                + "lower optimizer.learning_rate, or try --amp off. best.safetensors keeps the best epoch so far.");
        }
    }

    private EpochMetrics Validate(FlatModel model, EpochMetrics row, CancellationToken cancellation)
    {
        var classes = data.Classes.Length;
        var inference = new Inference(model, _architecture.Preprocessing, _precision);
        var logits = new List<float>(_split.Validation.Count * classes);
        var targets = new List<int?>(_split.Validation.Count);
        Validation().Run(
            batch =>
            {
                logits.AddRange(inference.Logits(batch));
                targets.AddRange(batch.Samples.Select(s => s.Target));
            },
            rejected =>
            {
                // A rejected image counts as a uniform prediction, as it will in predict.
                _rejected[(false, rejected.Id)] = rejected;
                logits.AddRange(new float[classes]);
                targets.Add(_split.Validation.First(s => s.Id == rejected.Id).Target);
            },
            cancellation);
        float[] flat = [.. logits];
        int[] known = [.. targets.Select(t => t ?? 0)];
        var evaluation = Metrics.Evaluate(flat, classes, known, new MetricsOptions { K = Math.Min(5, classes) });
        return row with { ValidationLoss = evaluation.LogLoss, ValidationAccuracy = evaluation.Accuracy, ValidationTop5 = evaluation.TopK };
    }
}

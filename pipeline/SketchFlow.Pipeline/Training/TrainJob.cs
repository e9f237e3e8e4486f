using System.Collections.Immutable;
using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.TensorBoard;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training;

/// <summary>files ─> decode ─> pad-resize ─> augment ─> batch ─> train ─> checkpoints, metrics.</summary>
/// <remarks>
/// At the end of an epoch its weights and tables are written first and the resume file last: until that is there, a run that was killed goes
/// on from the one before and writes the same bytes again.
/// </remarks>
/// <param name="recipe">The experiment.</param>
/// <param name="data">Its images.</param>
/// <param name="folder">Where its files go.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="log">Takes a line for people.</param>
/// <param name="observers">Trackers and the like, called in this order.</param>
public sealed class TrainJob(
    Recipe recipe, DataSet data, RunFolder folder, ComputeDevice device, Action<string> log, IReadOnlyList<IRunObserver>? observers = null)
{
    private readonly IReadOnlyList<IRunObserver> _observers = [new TensorBoardTracker(log), .. observers ?? []];
    private readonly (IReadOnlyList<Sample> Train, IReadOnlyList<Sample> Validation) _split = DataSource.Split(data, recipe);
    private readonly AugmentPlan _augmentation = AugmentPlan.Compile(recipe.Augmentation);
    private readonly Architecture _architecture = RecipeModel.Build(recipe, data.Classes.Length);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, device);
    private readonly ImageCache _cache = ImageCache.Create(recipe.Data.CacheMegabytes);
    private readonly RunProgress _progress = new(recipe);
    private readonly EpochFiles _files = new(folder, recipe, data);
    private Stopwatch _sinceSaved = Stopwatch.StartNew();

    /// <summary>The flow of one epoch's training batches, described.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="position">Images of the epoch's order that are done with.</param>
    public Flow<PixelBatch> Training(int epoch, int position = 0)
    {
        var architecture = At(epoch);
        return ImageFlow.Batches(
            ImageFlow.Options(recipe, architecture) with
            {
                Decode = ImageFlow.DecodeFor(recipe, architecture, exact: false),
                Cache = _cache,
                Augmentation = _augmentation,
                Epoch = epoch,
                // A last batch of one or two images would spoil the batch norms' statistics.
                LastBatch = _split.Train.Count >= recipe.BatchSize ? LastBatch.Drop : LastBatch.Keep,
            },
            [.. EpochShuffle.Shuffle(_split.Train, recipe.Seed, epoch).Skip(position)]);
    }

    /// <summary>The steps of the whole training and their learning rates.</summary>
    public TrainPlan Plan() => TrainPlan.For(recipe, _split.Train.Count);

    /// <summary>Trains to the end, to early stopping, or to the cancellation, after which a resume file and the last weights are written.</summary>
    /// <param name="cancellation">Ends it after the step under way.</param>
    /// <param name="from">Where to go on; null begins.</param>
    /// <exception cref="OperationCanceledException">Cancelled; <c>last.safetensors</c> holds the weights of that moment.</exception>
    /// <exception cref="RefusalException">
    /// Losses were not finite too often in a row, no image could be used, or <paramref name="from"/> is of another model or other images.
    /// </exception>
    public TrainReport Run(CancellationToken cancellation, ResumeFiles.Found? from = null)
    {
        var end = RunEnd.Failed;
        try
        {
            var report = Train(from, cancellation);
            end = report.End;
            return report;
        }
        catch (OperationCanceledException)
        {
            end = RunEnd.Interrupted;
            throw;
        }
        finally
        {
            Tell(o => o.Ended(end, _progress.Best));
        }
    }

    private TrainReport Train(ResumeFiles.Found? from, CancellationToken cancellation)
    {
        CheckSizes();
        SetThreads(from, recipe);
        using var learner = NewLearner(fresh: from is null);
        log($"{_architecture}, {device}, {(_precision == ComputePrecision.Float32 ? "float32" : $"autocast {_precision}")}; {data}");
        log($"train {_split.Train.Count} images, validate on {_split.Validation.Count}: {Training(0)}");
        Directory.CreateDirectory(folder.Folder);
        var resolved = recipe with { Threads = ComputeThreads.Count };
        WholeFile.WriteText(folder.Recipe, RecipeFile.Write(resolved));
        if (from is not null)
        {
            Restore(learner, from);
        }

        Tell(o => o.Started(new RunStart(folder, resolved, data, _architecture.Parameters, [.. _progress.Rows])));
        var validation = new Validation(recipe, _architecture, _precision, _split.Validation, _cache);
        var next = Begin(_progress.Epoch, _progress.Position);
        try
        {
            while (_progress.End is null)
            {
                using var run = next;
                Freeze(learner);
                var timing = TrainEpoch(learner, run, cancellation);
                if (_progress.Epoch + 1 < recipe.Epochs)
                {
                    // The next epoch's first batches are prepared while this one is validated.
                    next = Begin(_progress.Epoch + 1, 0);
                }

                var watch = Stopwatch.StartNew();
                var row = Validate(learner, validation, cancellation);
                EndEpoch(learner, row, timing with { ValidationSeconds = watch.Elapsed.TotalSeconds });
                if (_progress.Timings.Count == 1)
                {
                    log($"{_cache}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            _files.WriteLast(learner, _progress);
            Save(learner);
            throw;
        }
        finally
        {
            next.Dispose();
        }

        return TrainReport.From(State(learner), _progress.End!.Value);
    }

    private FlowRun<PixelBatch> Begin(int epoch, int position)
    {
        if (recipe.Sizes.Any(s => s.FromEpoch == epoch))
        {
            // What was kept is of another size.
            _cache.Clear();
        }

        return Training(epoch, position).Start(_progress.RejectTraining, CancellationToken.None);
    }

    /// <summary>A learner as this training begins with; also for searches that throw it away.</summary>
    internal Learner NewLearner(bool fresh)
    {
        var model = Start(fresh);
        return new Learner(Options(), model, _architecture.Preprocessing);
    }

    private LearnerOptions Options()
    {
        var counts = new int[data.Classes.Length];
        // A row without a usable target is rejected when its turn comes; no class counts it.
        foreach (var target in _split.Train.Select(s => s.Target).OfType<int>())
        {
            counts[target]++;
        }

        return recipe.Learner(recipe.Loss.For(counts), _precision);
    }

    private FlatModel Start(bool fresh)
    {
        // Where a run goes on, its own weights come next: any will do.
        if ((fresh ? StartingWeights.Find(recipe, log) : null) is not { } file)
        {
            using var drawn = ModelWeights.Fresh(_architecture, recipe.Seed);
            return FlatModel.Create(_architecture, drawn, device, recipe.ChannelsLast, learns: true);
        }

        var (model, report) = FlatModel.Load(_architecture, file, recipe.Seed, device, recipe.ChannelsLast, learns: true, recipe.StrictWeights);
        log($"weights from {recipe.Weights ?? recipe.Pretrained}: {report}");
        return model;
    }

    // Sums that are split over threads depend on their number: a run keeps the one that it was begun with.
    private static void SetThreads(ResumeFiles.Found? from, Recipe recipe) =>
        ComputeThreads.Count = from?.State.Threads ?? (recipe.Threads > 0 ? recipe.Threads : ComputeThreads.Own);

    private void Restore(Learner learner, ResumeFiles.Found from)
    {
        var state = from.State;
        Agree("its model", state.Layout, learner.Layout);
        Agree("its images", state.Rows, Fingerprint);
        Agree("its seed", $"{state.Seed}", $"{recipe.Seed}");
        learner.Load(from.Path, state.Numbers);
        _progress.Restore(state);
        log($"goes on from {from.Path}: {state}");

        void Agree(string what, string kept, string now)
        {
            if (!string.Equals(kept, now, StringComparison.Ordinal))
            {
                throw new RefusalException(
                    $"The run {folder.Name} cannot go on: {what} are not those that it was begun with ({kept[..Math.Min(12, kept.Length)]}, now {now[..Math.Min(12, now.Length)]}); "
                    + "give it the same data and recipe, or train another --run.");
            }
        }
    }

    private string Fingerprint => field ??= RunState.FingerprintOf(_split.Train, _split.Validation);

    private RunState State(Learner learner) => _progress.State(learner, Fingerprint, ComputeThreads.Count);

    private void Save(Learner learner)
    {
        ResumeFiles.Write(folder.Resume, learner, State(learner), recipe.Checkpoints.Keep);
        _sinceSaved = Stopwatch.StartNew();
    }

    // Within an epoch by steps or by the clock; neither changes what is computed.
    private bool IsTimeToSave => (recipe.Checkpoints.EverySteps > 0 && _progress.Sums.Steps % recipe.Checkpoints.EverySteps == 0)
        || (recipe.Checkpoints.EveryMinutes > 0 && _sinceSaved.Elapsed.TotalMinutes >= recipe.Checkpoints.EveryMinutes);

    private void Freeze(Learner learner)
    {
        var groups = Learner.Groups(_architecture);
        var below = recipe.Finetune.FrozenBelow(_progress.Epoch, groups);
        if (below != learner.FrozenBelow)
        {
            learner.Freeze(below);
            log(below == 0 ? "all layer groups learn" : $"layer groups {below} to {groups - 1} of {groups} learn");
        }
    }

    private Architecture At(int epoch) => recipe.Sizes.LastOrDefault(s => s.FromEpoch <= epoch) is { } stage
        ? RecipeModel.Build(recipe with { ImageSize = stage.Size }, data.Classes.Length)
        : _architecture;

    private void CheckSizes()
    {
        foreach (var stage in recipe.Sizes)
        {
            var other = RecipeModel.Build(recipe with { ImageSize = stage.Size }, data.Classes.Length);
            if (!other.Tensors.Select(t => t.ToString()).SequenceEqual(_architecture.Tensors.Select(t => t.ToString()), StringComparer.Ordinal))
            {
                throw new RefusalException(
                    $"sizes asks for {stage.Size} px, and the tensors of {_architecture.Name} depend on the image size ({_architecture.InputSize} px); "
                    + "train a convolutional network, or leave sizes out.");
            }
        }
    }

    private EpochTiming TrainEpoch(Learner learner, FlowRun<PixelBatch> run, CancellationToken cancellation)
    {
        var epoch = _progress.Epoch;
        var stepsPerEpoch = Math.Max(1, _split.Train.Count / recipe.BatchSize);
        var order = EpochShuffle.Shuffle(_split.Train, recipe.Seed, epoch);
        var (watch, before) = (Stopwatch.StartNew(), _progress.Sums.Seen);
        using var bar = Progress.Open($"epoch {epoch + 1}/{recipe.Epochs}", _split.Train.Count, "images", from: before);
        learner.Mixes = recipe.Mixing.IsOnIn(epoch, recipe.Epochs);
        while (Next(out var batch))
        {
            var rate = _progress.LearningRate(stepsPerEpoch);
            var outcome = learner.Step(batch, rate);
            _progress.Add(outcome, rate);
            while (order[_progress.Position++].Id != batch.Samples[^1].Id)
            {
                // Images between were rejected.
            }

            Tell(o => o.Step(new StepRow(learner.Steps - 1, outcome.Loss, rate, outcome.GradientNorm)));
            if (!outcome.Stepped)
            {
                Warn(batch, outcome, _progress.Sums.NonFinite);
            }

            var sums = _progress.Sums;
            bar.Report(sums.Seen, $"loss {sums.Loss / sums.Seen:0.000} accuracy {100.0 * sums.Correct / sums.Seen:0.0} % rate {rate:0.0e0} waiting {100 * run.Waited / watch.Elapsed:0.0} %");
            if (IsTimeToSave)
            {
                Save(learner);
            }
        }

        _progress.Position = order.Length;
        if (_progress.Sums.Seen == 0)
        {
            throw new RefusalException($"None of the {_split.Train.Count} training images could be used; the first was rejected as {_progress.FirstRejected}.");
        }

        var seconds = watch.Elapsed.TotalSeconds;
        return new EpochTiming
        {
            Epoch = epoch + 1,
            ImagesPerSecond = seconds > 0 ? (_progress.Sums.Seen - before) / seconds : 0,
            DataWaitShare = watch.Elapsed > TimeSpan.Zero ? run.Waited / watch.Elapsed : 0,
            TrainSeconds = seconds,
        };

        bool Next(out PixelBatch batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var more = run.TryTake(out var taken);
            batch = taken!;
            if (more)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            return more;
        }
    }

    private void Warn(PixelBatch batch, StepOutcome outcome, int inARow)
    {
        var ids = string.Join(", ", batch.Samples.Select(s => s.Id));
        log($"A step was skipped: loss {outcome.Loss}, gradient norm {outcome.GradientNorm}, samples {ids}.");
        if (inARow >= recipe.NonFiniteLimit)
        {
            throw new RefusalException(
                $"{inARow} steps in a row had a loss or gradient that is not finite, last with the samples {ids}; "
                + "lower optimizer.learning_rate, or try --amp off. best.safetensors keeps the best epoch so far.");
        }
    }

    private EpochMetrics Validate(Learner learner, Validation validation, CancellationToken cancellation)
    {
        var trained = validation.Measure(learner.Model, _progress.RejectValidation, cancellation);
        var sums = _progress.Sums;
        var row = new EpochMetrics
        {
            Epoch = _progress.Epoch + 1,
            LearningRate = sums.LearningRate,
            TrainLoss = sums.Loss / sums.Seen,
            TrainAccuracy = (double)sums.Correct / sums.Seen,
            ValidationLoss = trained.LogLoss,
            ValidationAccuracy = trained.Accuracy,
            ValidationTop5 = trained.TopK,
            ValidationMacroF1 = trained.MacroF1,
            SkippedSteps = learner.Scaler.SkippedSteps,
        };
        if (learner.Average is not { } average)
        {
            return row with { Recall = [.. trained.PerClass.Select(c => c.Recall)] };
        }

        var averaged = validation.Measure(average.Model, _progress.RejectValidation, cancellation);
        row = row with { AverageLoss = averaged.LogLoss, AverageAccuracy = averaged.Accuracy, AverageTop5 = averaged.TopK, AverageMacroF1 = averaged.MacroF1 };
        var judged = row.AverageIsBetter(recipe.Stopping.Metric) ? averaged : trained;
        return row with { Recall = [.. judged.PerClass.Select(c => c.Recall)] };
    }

    private void EndEpoch(Learner learner, EpochMetrics row, EpochTiming timing)
    {
        var best = _progress.EndEpoch(row, timing);
        _files.Write(learner, _progress, best);
        log($"{row}; {timing}");
        foreach (var observer in _observers)
        {
            if (observer.Epoch(row, best) is { } why)
            {
                _progress.GiveUp(RunEnd.Observer, why);
            }
        }

        if (_progress.End is not null)
        {
            _files.DrawCurves(_progress.Rows);
        }

        Save(learner);
    }

    private void Tell(Action<IRunObserver> what)
    {
        foreach (var observer in _observers)
        {
            what(observer);
        }
    }
}

using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.TensorBoard;

namespace SketchFlow.Pipeline.Training;

/// <summary>Trains one model: files ─> decode ─> pad-resize ─> augment ─> batch ─> train ─> checkpoints, metrics.</summary>
/// <remarks>
/// At the end of an epoch the weights and tables are written first and the resume file last. If the process is killed in between, the run resumes from
/// the previous resume file and writes the same bytes again.
/// </remarks>
/// <param name="recipe">The experiment.</param>
/// <param name="data">The images.</param>
/// <param name="folder">The folder of the run.</param>
/// <param name="context">Device, log, progress display and observers.</param>
public sealed class TrainJob(Recipe recipe, DataSet data, RunFolder folder, JobContext context)
{
    /// <summary>Called once everything that can refuse the training has passed, before the first file is written.</summary>
    internal Action Starting { get; init; } = () => { };

    /// <summary>Called after each epoch whose results and resume file are written, unless the training failed with it.</summary>
    internal Action EpochSaved { get; init; } = () => { };

    private readonly IReadOnlyList<IRunObserver> _observers = [new TensorBoardTracker(context.Log), .. context.Observers];
    private readonly TrainingSetup _setup = new(recipe, data, context);
    private readonly TrainingProgress _progress = new(recipe, ReadEstimate(recipe, folder));
    private double? _epochSeconds;
    private Stopwatch _sinceSaved = Stopwatch.StartNew();

    /// <summary>Trains until all epochs are done, training stops early, or it is cancelled; then a resume file and the last weights are written.</summary>
    /// <param name="cancellation">Ends training after the current step.</param>
    /// <param name="from">The resume file to continue from; null starts a new run.</param>
    /// <exception cref="OperationCanceledException">Training was cancelled; <c>last.safetensors</c> holds the weights of that moment.</exception>
    /// <exception cref="RefusalException">
    /// Too many consecutive losses were not finite, a validation loss was not finite, no image could be used, or <paramref name="from"/> belongs to another
    /// model or to other images.
    /// </exception>
    public TrainReport Run(CancellationToken cancellation, ResumePoint? from = null)
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
            Notify(o => o.Ended(end, _progress.Best));
        }
    }

    private TrainReport Train(ResumePoint? from, CancellationToken cancellation)
    {
        _setup.Check(isResumed: from is not null);
        // Sums that are split over threads depend on the number of threads: a run keeps the number that it was started with.
        ComputeThreads.Count = from?.State.Threads ?? (recipe.Threads > 0 ? recipe.Threads : ComputeThreads.Default);
        using var learner = _setup.CreateLearner(loadWeights: from is null);
        var precision = _setup.Precision == ComputePrecision.Float32 ? "float32" : $"autocast {_setup.Precision}";
        context.Log($"{_setup.Architecture}, {context.Device}, {precision}; {data}");
        context.Log(DescribeRows());
        if (_setup.Weights is { } weights)
        {
            context.Log($"{weights}");
        }

        if (context.Verbose)
        {
            context.Log($"flow: {_setup.DescribeBatches(0)}");
        }

        if (recipe.Schedule.FindProblem(recipe.Epochs) is { } problem)
        {
            context.Log($"Warning: {problem}");
        }

        if (from is null && TwinCheck.FindWarning(_setup, recipe, cancellation) is { } warning)
        {
            context.Log($"Warning: {warning}");
        }

        var resolved = recipe with { Threads = ComputeThreads.Count };
        if (from is not null)
        {
            Restore(learner, from);
        }

        Starting();
        Directory.CreateDirectory(folder.Folder);
        Store.DeleteTemporaries();
        ResumeFiles.Begin(folder.Resume, from);
        Store.WriteRecipe(resolved);
        Store.WriteRows(_setup.Rows);

        var start = new RunStart(folder, resolved, data, _setup.Architecture.Parameters) { Rows = [.. _progress.Rows], Timings = [.. _progress.Timings] };
        Notify(o => o.Started(start));
        try
        {
            TrainEpochs(learner, cancellation);
        }
        catch (OperationCanceledException)
        {
            Store.WriteLast(learner, _progress.Rows is [.., var row] ? row : null);
            Save(learner);
            throw;
        }

        return TrainReport.From(ToState(learner), _progress.End!.Value);
    }

    private string DescribeRows() => _setup.Validation.Count > 0
        ? $"{_setup.Train.Count} training and {_setup.Validation.Count} validation images"
        : $"{_setup.Train.Count} training images and none for validation: "
            + (Estimate is { } estimate
                ? $"the accuracy of {estimate.Run}, {Percent.Text(estimate.Accuracy)}, is the estimate"
                : "nothing measures this run, and its last epoch counts");

    private void TrainEpochs(Learner learner, CancellationToken cancellation)
    {
        var validation = new ValidationLoop(recipe, _setup.Architecture, _setup.Precision, _setup.Validation, _setup.Cache);
        var next = StartBatches(_progress.Epoch, _progress.Position);
        try
        {
            while (_progress.End is null)
            {
                using var batches = next;
                Freeze(learner);
                var timing = TrainEpoch(learner, batches, cancellation);
                if (_progress.Epoch + 1 < TrainingProgress.LastEpoch(recipe))
                {
                    // The first batches of the next epoch are prepared during validation.
                    next = StartBatches(_progress.Epoch + 1, 0);
                }

                var watch = Stopwatch.StartNew();
                var (row, selected) = _setup.Validation.Count > 0
                    ? Validate(learner, validation, cancellation)
                    : (MetricsOfTraining(learner) with { IsValidated = false }, null);
                EndEpoch(learner, row, timing with { ValidationSeconds = watch.Elapsed.TotalSeconds }, selected);
                if (_progress.Timings.Count == 1)
                {
                    context.Log($"{_setup.Cache}");
                }
            }
        }
        finally
        {
            next.Dispose();
        }
    }

    private EpochBatches StartBatches(int epoch, int position)
    {
        if (recipe.Sizes.Any(s => s.FromEpoch == epoch))
        {
            // The cached images have another size.
            _setup.Cache.Clear();
        }

        return _setup.StartBatches(epoch, position, _progress.RejectTraining);
    }

    private void Restore(Learner learner, ResumePoint from)
    {
        var state = from.State;
        RequireEqual("model", state.Layout, learner.Layout);
        RequireClasses();
        if (state.Rows != _setup.Fingerprint && RunSplit.Read(folder)?.Locate(data).DescribeAll(folder.Name, data.Name).ToList() is { Count: > 0 } changes)
        {
            throw new RefusalException(
                $"The run {folder.Name} cannot resume: {data.Name} has another set of images than the one that it was started with. "
                + $"{string.Join(' ', changes)} Use the images that it was started with, or train a new --run.");
        }

        RequireEqual(_setup.Weights is null ? "set of images" : "set of images or of sample weights", state.Rows, _setup.Fingerprint);
        RequireEqual("seed", $"{state.Seed}", $"{recipe.Seed}");
        learner.Load(from.Path, state.Numbers);
        var otherMetric = _progress.Restore(state);
        context.Log($"Resumed from {from.Path}: {state}");
        if (otherMetric is { } earlier)
        {
            var (before, now) = (earlier.ToString().ToLowerInvariant(), recipe.Stopping.Metric.ToString().ToLowerInvariant());
            var parts = recipe.Schedule is Plateau ? "early stopping and the plateau schedule start" : "early stopping starts";
            context.Log(
                $"stopping.metric was {before} and is {now}: {parts} again; "
                + $"best.safetensors keeps epoch {_progress.Best?.Epoch ?? 0} until an epoch is better by {now}.");
        }

        // Row fingerprints have class numbers but no names.
        void RequireClasses()
        {
            string[] files = [.. ((string[])[folder.Best, folder.Last]).Where(File.Exists)];
            if (files is [var file, ..] && RunIdentity.ReadFile(file).Classes is { IsEmpty: false } classes
                && ClassMapping.Between(
                    classes, data.Classes, $"the run {folder.Name}", $"the data set {data.Name}", "Resume with the data set of the run, or train a new --run.")
                    is { IsIdentity: false })
            {
                throw new RefusalException(
                    $"The run {folder.Name} cannot resume: {data.Name} numbers its classes in another order than the run; "
                    + "use the data set that it was started with, or train a new --run.");
            }
        }

        void RequireEqual(string what, string stored, string current)
        {
            if (!string.Equals(stored, current, StringComparison.Ordinal))
            {
                throw new RefusalException(
                    $"The run {folder.Name} cannot resume: it was started with another {what} ({stored[..Math.Min(12, stored.Length)]}, "
                    + $"now {current[..Math.Min(12, current.Length)]}); use the same data and recipe, or train a new --run.");
            }
        }
    }

    private RunState ToState(Learner learner) => _progress.ToState(learner, _setup.Fingerprint, ComputeThreads.Count);

    private void Save(Learner learner)
    {
        Store.WriteResume(learner, ToState(learner));
        _sinceSaved = Stopwatch.StartNew();
    }

    // Saving within an epoch, by steps or by time, does not change the result.
    private bool IsTimeToSave => (recipe.Checkpoints.EverySteps > 0 && _progress.Sums.Steps % recipe.Checkpoints.EverySteps == 0)
        || (recipe.Checkpoints.EveryMinutes > 0 && _sinceSaved.Elapsed.TotalMinutes >= recipe.Checkpoints.EveryMinutes);

    private void Freeze(Learner learner)
    {
        var groups = Learner.Groups(_setup.Architecture);
        var below = recipe.Finetune.FrozenBelow(_progress.Epoch, groups);
        if (below != learner.FrozenBelow)
        {
            learner.Freeze(below);
            context.Log(below == 0 ? "training all layer groups" : $"training layer groups {below} to {groups - 1} of {groups}");
        }
    }

    private EpochTiming TrainEpoch(Learner learner, EpochBatches batches, CancellationToken cancellation)
    {
        var epoch = _progress.Epoch;
        var (watch, before) = (Stopwatch.StartNew(), _progress.Sums.Seen);
        using var bar = context.Progress($"epoch {epoch + 1}/{recipe.Epochs}", _setup.ImagesPerEpoch, "images", from: before);
        learner.Mixes = recipe.Mixing.IsOnIn(epoch, recipe.Epochs);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!batches.TryTake(out var batch, out var position))
            {
                break;
            }

            cancellation.ThrowIfCancellationRequested();
            var rate = TrainStep(learner, batch, position);
            var sums = _progress.Sums;
            bar.Report(
                sums.Seen,
                $"{DescribeRest(watch.Elapsed, sums.Seen - before, batches.Length - position)}; loss {sums.MeanLoss:0.000}, "
                + $"accuracy {Percent.Text(sums.Accuracy)}, rate {rate:0.0e0}, data wait {Percent.Text(batches.Waited / watch.Elapsed)}");
            if (IsTimeToSave)
            {
                Save(learner);
            }
        }

        _progress.Position = batches.Length;
        if (_progress.Sums.Seen == 0)
        {
            throw new RefusalException(
                $"None of the {_setup.Train.Count} training images could be used; the first was rejected as {_progress.FirstRejected}.");
        }

        var seconds = watch.Elapsed.TotalSeconds;
        return new EpochTiming
        {
            Epoch = epoch + 1,
            ImagesPerSecond = seconds > 0 ? (_progress.Sums.Seen - before) / seconds : 0,
            DataWaitShare = watch.Elapsed > TimeSpan.Zero ? batches.Waited / watch.Elapsed : 0,
            TrainSeconds = seconds,
        };
    }

    private string DescribeRest(TimeSpan elapsed, int images, int imagesLeft)
    {
        var epochs = TrainingProgress.LastEpoch(recipe) - _progress.Epoch - 1 + (context.EpochsAfter ?? 0);
        var remaining = RemainingTime.Of(recipe, _setup.Train.Count, _setup.Validation.Count);
        var rest = remaining.Estimate(elapsed.TotalSeconds / Math.Max(1, images), imagesLeft, epochs, _epochSeconds);
        return DescribeLeft(rest);
    }

    private string DescribeLeft(TimeSpan rest) => $"{Duration.Text(rest)} left {(context.EpochsAfter is null ? "in this training" : "in all")}";

    // Returns the learning rate of the step.
    private double TrainStep(Learner learner, PixelBatch batch, int position)
    {
        var rate = _progress.LearningRate(_setup.StepsPerEpoch);
        var outcome = learner.Step(batch, rate, _setup.Weights?.Of(batch));
        _progress.Add(outcome, rate);
        _progress.Position = position;
        Notify(o => o.Step(new StepMetrics(learner.Steps - 1, outcome.Loss, rate, outcome.GradientNorm)));
        if (!outcome.Stepped)
        {
            Warn(batch, outcome, _progress.Sums.NonFinite);
        }

        return rate;
    }

    private void Warn(PixelBatch batch, StepOutcome outcome, int consecutive)
    {
        var ids = string.Join(", ", batch.Samples.Select(s => s.Id));
        context.Log(outcome.IsScaleOverflow
            ? $"Skipped a step: the gradients overflowed float16, and the loss scale was reduced; samples {ids}."
            : $"Skipped a step: loss {outcome.Loss}, gradient norm {outcome.GradientNorm}, samples {ids}.");
        if (!outcome.IsScaleOverflow && consecutive >= recipe.NonFiniteLimit)
        {
            throw new RefusalException(
                $"{consecutive} consecutive steps had a loss or gradient that is not finite, the last one with the samples {ids}; "
                + $"lower optimizer.learning_rate, or try --amp off. {BestSoFar}");
        }
    }

    private string BestSoFar => _progress.Best is { } best
        ? $"best.safetensors keeps epoch {best.Epoch}, the best so far."
        : "There is no best.safetensors yet.";

    private EpochMetrics MetricsOfTraining(Learner learner) => new()
    {
        Epoch = _progress.Epoch + 1,
        LearningRate = _progress.Sums.LearningRate,
        TrainLoss = _progress.Sums.MeanLoss,
        TrainAccuracy = _progress.Sums.Accuracy,
        ValidationLoss = double.NaN,
        ValidationAccuracy = double.NaN,
        ValidationTop5 = double.NaN,
        ValidationMacroF1 = double.NaN,
        SkippedSteps = learner.Scaler.SkippedSteps,
        Recall = [.. Enumerable.Repeat<double?>(null, data.Classes.Length)],
    };

    private RefitEstimate? Estimate => _progress.Estimate;

    private RunStore Store => field ??= new RunStore(folder, recipe, data)
    {
        Identity = _setup.Identity with { EstimatedBy = Estimate?.Run, EstimatedAccuracy = Estimate?.Accuracy, Temperature = Estimate?.Temperature },
    };

    private static RefitEstimate? ReadEstimate(Recipe recipe, RunFolder folder) => recipe.Refit is { } name
        ? RefitEstimate.Read(new RunFolder(Path.Combine(Path.GetDirectoryName(folder.Folder)!, name)))
        : null;

    // Returns the row of the epoch and the predictions of the weights with the better result.
    private (EpochMetrics Row, ValidationResult Selected) Validate(Learner learner, ValidationLoop validation, CancellationToken cancellation)
    {
        using var bar = context.Progress($"epoch {_progress.Epoch + 1}/{recipe.Epochs}, validation", 0, "");
        var measured = validation.Measure(learner.Model, _progress.RejectValidation, cancellation);
        var trained = measured.Report;
        var row = MetricsOfTraining(learner) with
        {
            ValidationLoss = trained.LogLoss,
            ValidationAccuracy = trained.Accuracy,
            ValidationTop5 = trained.TopK,
            ValidationMacroF1 = trained.MacroF1,
        };
        if (learner.Average is not { } average)
        {
            return (row with { Recall = [.. trained.PerClass.Select(c => c.Recall)] }, measured);
        }

        var ofAverage = validation.Measure(average.Model, _progress.RejectValidation, cancellation);
        var averaged = ofAverage.Report;
        row = row with { AverageLoss = averaged.LogLoss, AverageAccuracy = averaged.Accuracy, AverageTop5 = averaged.TopK, AverageMacroF1 = averaged.MacroF1 };
        var selected = row.AverageIsBetter(recipe.Stopping.Metric) ? ofAverage : measured;
        return (row with { Recall = [.. selected.Report.PerClass.Select(c => c.Recall)] }, selected);
    }

    private void EndEpoch(Learner learner, EpochMetrics row, EpochTiming timing, ValidationResult? selected)
    {
        if (!row.IsValidated && !learner.Model.IsFinite())
        {
            // Without validation, nothing else would tell that the weights are unusable.
            _progress.Stop(RunEnd.Failed, $"weights or statistics of batch norms are not finite after epoch {row.Epoch}");
        }

        var isBest = _progress.EndEpoch(row, timing);
        Store.WriteEpoch(learner, _progress.Rows, _progress.Timings, isBest, new Lazy<double?>(() => selected?.FitTemperature() ?? Estimate?.Temperature));
        _epochSeconds = timing.TrainSeconds + timing.ValidationSeconds;
        var epochs = (_progress.End is null ? TrainingProgress.LastEpoch(recipe) - row.Epoch : 0) + (context.EpochsAfter ?? 0);
        var left = epochs > 0 ? $"; {DescribeLeft(TimeSpan.FromSeconds(epochs * _epochSeconds.Value))}" : "";
        context.Log($"{row}; {timing}{left}");
        var result = new EpochResult(row, timing, isBest);
        foreach (var observer in _observers)
        {
            if (observer.Epoch(result) is { } reason)
            {
                _progress.Stop(RunEnd.Observer, reason);
            }
        }

        if (_progress.End is not null)
        {
            Store.WriteCurves(_progress.Rows);
        }

        Save(learner);
        if (_progress.End == RunEnd.Failed)
        {
            throw new RefusalException(
                $"The run {folder.Name} failed: {_progress.Reason}. Lower optimizer.learning_rate, or try --amp off, in a new --run. {BestSoFar}");
        }

        EpochSaved();
    }

    private void Notify(Action<IRunObserver> call)
    {
        foreach (var observer in _observers)
        {
            call(observer);
        }
    }
}

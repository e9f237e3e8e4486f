using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>A run that was stopped and resumed gives the same bytes as one that was not.</summary>
public class ResumableTrainingTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task A_run_cut_at_any_step_and_resumed_with_other_workers_ends_with_the_same_bytes()
    {
        await Task.Yield();
        // Everything that has a state of its own is on: average, plateau, mixing, drop path, accumulation.
        var recipe = SmallTraining.Recipe(
            "checkpoints.top=2", "ema.decay=0.9", "schedule.kind=plateau", "schedule.plateau_patience=0",
            "mixing.mixup=0.4", "mixing.off_epochs=1", "model.drop_path=0.2", "accumulation=2", "threads=2");
        var whole = training.TrainUninterrupted("whole", recipe);
        var cut = training.Artifacts.Run("cut");
        // Steps of the process: the first one, one in the middle of an epoch, and the last before validation (there are 3 steps per epoch).
        foreach (var (steps, workers) in ((int, int)[])[(1, 1), (2, 3), (3, 2)])
        {
            using var source = new CancellationTokenSource();
            ComputeThreads.Count = workers; // the run sets its own
            Assert.Throws<OperationCanceledException>(() => training.Trainer(new SmallTraining.CancelAfter(steps, source))
                .Run(recipe with { Workers = workers }, cut, resume: true, source.Token));
            Assert.True(File.Exists(cut.Last));
        }

        var report = training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None);
        Assert.Equal((RunEnd.Complete, 3), (report.End, report.Epochs.Length));
        SmallTraining.AssertSame(whole, cut);
        Assert.Equal(File.ReadAllBytes(whole.LastAverage), File.ReadAllBytes(cut.LastAverage));
        Assert.All(report.Epochs, e => Assert.NotNull(e.AverageLoss));
        Assert.Equal(2, whole.Read().Threads);
        var again = training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None);
        Assert.True(again.WasComplete);
        Assert.Equal(report.Best!.Epoch, again.Best!.Epoch);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_damaged_resume_file_is_reported_and_the_previous_one_leads_to_the_same_bytes()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=2", "checkpoints.every_steps=2");
        var whole = training.TrainUninterrupted("undamaged", recipe);
        var cut = training.Artifacts.Run("damaged");
        using (var source = new CancellationTokenSource())
        {
            var trainer = training.Trainer(new SmallTraining.CancelAfter(5, source));
            Assert.Throws<OperationCanceledException>(() => trainer.Run(recipe, cut, resume: false, source.Token));
        }

        var files = ResumeFiles.List(cut.Resume);
        Assert.Equal(recipe.Checkpoints.Keep, files.Length);
        using (var stream = File.Open(files[0], FileMode.Open))
        {
            stream.Position = stream.Length / 2;
            var one = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(one ^ 1));
        }

        training.Lines.Clear();
        training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None);
        Assert.Contains(training.Lines, s => s.Contains(files[0], StringComparison.Ordinal) && s.Contains("is skipped", StringComparison.Ordinal));
        Assert.Contains(training.Lines, s => s.Contains(files[1], StringComparison.Ordinal) && s.Contains("Resumed from", StringComparison.Ordinal));
        SmallTraining.AssertSame(whole, cut);
    }

    [Fact(Timeout = 300_000)]
    public async Task More_epochs_continue_a_complete_run_and_other_settings_are_refused_by_name()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=1");
        var folder = training.TrainUninterrupted("longer", recipe);
        var longer = training.Trainer().Run(recipe with { Epochs = 2 }, folder, resume: true, CancellationToken.None);
        Assert.Equal([1, 2], longer.Epochs.Select(e => e.Epoch));
        var kept = folder.Read();
        RecipeCompatibility.Check(folder, kept, kept with { Workers = 7, Epochs = 9, Stopping = kept.Stopping with { Patience = 3 } });
        var refused = Assert.Throws<RefusalException>(() => RecipeCompatibility.Check(folder, kept, kept with { BatchSize = 4 }));
        Assert.Contains("batch_size 8", refused.Message, StringComparison.Ordinal);
        var seed = Assert.Throws<RefusalException>(
            () => training.Trainer().Run(recipe with { Seed = 2, Epochs = 3 }, folder, resume: true, CancellationToken.None));
        Assert.Contains("cannot resume", seed.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_below_the_floor_stops_and_an_observer_may_stop_one()
    {
        await Task.Yield();
        var strict = SmallTraining.Recipe("stopping.floor=0.99", "stopping.floor_epochs=1");
        var floor = training.Trainer().Run(strict, training.Artifacts.Run("floor"), resume: false, CancellationToken.None);
        Assert.Equal((RunEnd.Floor, 1), (floor.End, floor.Epochs.Length));
        Assert.Contains("99", floor.Reason, StringComparison.Ordinal);
        var observer = new StopsAtFirstEpoch();
        var stopped = training.Trainer(observer).Run(SmallTraining.Recipe(), training.Artifacts.Run("stopped"), resume: false, CancellationToken.None);
        Assert.Equal((RunEnd.Observer, "dull"), (stopped.End, stopped.Reason));
        Assert.Equal(["started", "step 0", "step 1", "step 2", "epoch 1", "ended Observer"], observer.Events);
        // A run that has ended is complete, regardless of the reason.
        Assert.True(training.Trainer().Run(SmallTraining.Recipe(), training.Artifacts.Run("stopped"), resume: true, CancellationToken.None).WasComplete);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_without_its_resume_files_is_not_trained_over_and_keeps_every_file()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=1");
        var folder = training.TrainUninterrupted("precious", recipe);
        // All damaged first, then gone.
        foreach (var file in ResumeFiles.List(folder.Resume))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        }

        Refuse();
        Directory.Delete(folder.Resume, recursive: true);
        Refuse();
        // A run that was killed before its first resume file begins again, although it has its best weights.
        ResumeFiles.Begin(folder.Resume, null);
        Assert.Single(training.Trainer().Run(recipe, folder, resume: true, CancellationToken.None).Epochs);
        Assert.False(ResumeFiles.IsNoneYet(folder.Resume));

        void Refuse()
        {
            var before = SmallTraining.Contents(folder.Folder);
            var refused = Assert.Throws<RefusalException>(
                () => training.Trainer().Run(recipe with { Epochs = 2 }, folder, resume: true, CancellationToken.None));
            Assert.Contains("it has best.safetensors and metrics.csv", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--overwrite", refused.Message, StringComparison.Ordinal);
            Assert.Equal(before, SmallTraining.Contents(folder.Folder));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task A_refused_resume_changes_no_file()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=1");
        var folder = training.TrainUninterrupted("unchanged", recipe);
        File.WriteAllText(Path.Combine(folder.Folder, "left.1.tmp"), "of a killed process");
        var before = SmallTraining.Contents(folder.Folder);
        var data = training.Data;
        var fewer = data with { Train = data.Train[1..] };
        Recipe[] others = [recipe with { Seed = 5, Epochs = 2 }, recipe with { Architecture = "resnet18", Epochs = 2 }];
        foreach (var other in others)
        {
            Assert.Throws<RefusalException>(() => training.Trainer().Run(other, folder, resume: true, CancellationToken.None));
            Assert.Equal(before, SmallTraining.Contents(folder.Folder));
        }

        var refused = Assert.Throws<RefusalException>(() => new ResumableTraining(fewer, SmallTraining.Context())
            .Run(recipe with { Epochs = 2 }, folder, resume: true, CancellationToken.None));
        Assert.Contains("another set of images", refused.Message, StringComparison.Ordinal);
        Assert.Contains(data.Train[0].ImagePath, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, SmallTraining.Contents(folder.Folder));

        // Renamed classes have the same numbers, and classes in another order the same names.
        ImmutableArray<string> reversed = [.. Enumerable.Reverse(data.Classes)];
        foreach (var (classes, words) in new[] { (data.Classes.SetItem(1, "zebra"), "'zebra'"), (reversed, "another order") })
        {
            refused = Assert.Throws<RefusalException>(() => new ResumableTraining(data with { Classes = classes }, SmallTraining.Context())
                .Run(recipe with { Epochs = 2 }, folder, resume: true, CancellationToken.None));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, SmallTraining.Contents(folder.Folder));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_that_is_replaced_stays_until_the_new_one_has_an_epoch()
    {
        await Task.Yield();
        var (artifacts, recipe) = (training.Artifacts, SmallTraining.Recipe("epochs=1"));
        var folder = training.TrainUninterrupted("replaced", recipe);
        var table = Path.Combine(artifacts.Logits, "small", "val", "replaced.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(table)!);
        File.WriteAllText(table, "a table");
        var before = SmallTraining.Contents(folder.Folder);

        // Refused by the class weights, then interrupted in the first epoch.
        var wrong = recipe with { Loss = recipe.Loss with { ClassWeights = [1, 1] } };
        Assert.Throws<RefusalException>(() => Replacing().Run(wrong, folder, resume: false, CancellationToken.None));
        Assert.Equal(before, SmallTraining.Contents(folder.Folder));
        using (var source = new CancellationTokenSource())
        {
            var interrupted = Replacing(new SmallTraining.CancelAfter(1, source));
            Assert.Throws<OperationCanceledException>(() => interrupted.Run(recipe with { Seed = 2 }, folder, resume: false, source.Token));
            Assert.False(interrupted.Replacement!.IsComplete);
        }

        Assert.Equal(before, SmallTraining.Contents(folder.Folder));
        Assert.Equal("a table", File.ReadAllText(table));

        // Interrupted after the first epoch: the new run stays, and continues.
        var longer = recipe with { Seed = 2, Epochs = 2 };
        using (var source = new CancellationTokenSource())
        {
            Assert.Throws<OperationCanceledException>(
                () => Replacing(new SmallTraining.CancelAfter(4, source)).Run(longer, folder, resume: false, source.Token));
        }

        Assert.False(File.Exists(table));
        Assert.Equal(2, training.Trainer().Run(longer, folder, resume: true, CancellationToken.None).Epochs.Length);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(artifacts.Runs, ".replaced")));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(artifacts.Runs, ".deleted")));

        ResumableTraining Replacing(params IRunObserver[] observers) =>
            new(training.Data, SmallTraining.Context() with { Observers = observers })
            {
                Replacement = RunReservation.Reserve(folder, recipe, resume: false, overwrite: true),
            };
    }

    [Fact]
    public void A_run_that_one_process_trains_is_not_replaced_nor_are_its_folds()
    {
        var (folder, recipe) = (training.Artifacts.Run("locked"), SmallTraining.Recipe());
        Directory.CreateDirectory(folder.ForFold(1).Folder);
        using (RunLock.Acquire(folder.ForFold(1)))
        {
            // Other folds can be trained at the same time.
            RunLock.Acquire(folder.ForFold(0)).Dispose();
            Assert.Contains(
                "Another process",
                Assert.Throws<RefusalException>(() => RunReservation.Reserve(folder, recipe, resume: false, overwrite: true)).Message,
                StringComparison.Ordinal);
            Assert.True(RunLock.IsHeld(folder));
        }

        Assert.False(RunLock.IsHeld(folder));
        Assert.NotNull(RunReservation.Reserve(folder, recipe, resume: false, overwrite: true));
    }

    [Fact]
    public void A_run_is_trained_by_one_process_at_a_time()
    {
        var folder = training.Artifacts.Run("held");
        using (RunLock.Acquire(folder))
        {
            Assert.Contains("held", Assert.Throws<RefusalException>(() => RunLock.Acquire(folder)).Message, StringComparison.Ordinal);
        }

        RunLock.Acquire(folder).Dispose();
    }

    [Fact(Timeout = 300_000)]
    public async Task The_best_epochs_are_kept_and_no_others()
    {
        await Task.Yield();
        var folder = training.TrainUninterrupted("top", SmallTraining.Recipe("epochs=4", "checkpoints.top=2", "stopping.metric=loss"));
        var best = EpochMetrics.Read(folder.Metrics).OrderBy(r => r.ValidationLoss).Take(2).Select(r => r.Epoch).Order();
        Assert.Equal(best.Select(folder.Checkpoint), Directory.EnumerateFiles(folder.Checkpoints).Order(StringComparer.Ordinal));
        Assert.Equal(4 + 1, File.ReadAllLines(folder.Recall).Length);
        Assert.Equal(4 + 1, File.ReadAllLines(folder.Timing).Length);
        Assert.All(EpochMetrics.Read(folder.Metrics), r => Assert.InRange(r.ValidationMacroF1, 0, 1));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_larger_patience_or_a_lower_floor_continues_a_run_that_stopped_early()
    {
        await Task.Yield();
        // No improvement is large enough, so that patience 1 ends the run after two epochs.
        var recipe = SmallTraining.Recipe("epochs=4", "stopping.delta=1", "stopping.patience=1");
        var folder = training.Artifacts.Run("impatient");
        Assert.Equal((RunEnd.Patience, 2), Resume(recipe, wasComplete: false));
        Assert.Equal((RunEnd.Patience, 2), Resume(recipe, wasComplete: true));
        Assert.Equal((RunEnd.Patience, 2), Resume(recipe with { Epochs = 9 }, wasComplete: true));
        Assert.Equal((RunEnd.Patience, 3), Resume(WithPatience(2), wasComplete: false));
        Assert.Equal((RunEnd.Complete, 4), Resume(WithPatience(0), wasComplete: false));

        folder = training.Artifacts.Run("floored");
        recipe = SmallTraining.Recipe("epochs=2", "stopping.floor=0.999");
        Assert.Equal((RunEnd.Floor, 1), Resume(recipe, wasComplete: false));
        Assert.Equal((RunEnd.Complete, 2), Resume(recipe with { Stopping = new StoppingOptions() }, wasComplete: false));

        Recipe WithPatience(int patience) => recipe with { Stopping = recipe.Stopping with { Patience = patience } };

        (RunEnd, int) Resume(Recipe requested, bool wasComplete)
        {
            var report = training.Trainer().Run(requested, folder, resume: true, CancellationToken.None);
            Assert.Equal(wasComplete, report.WasComplete);
            return (report.End, report.Epochs.Length);
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Another_metric_starts_early_stopping_and_the_plateau_again_and_says_so()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe(
            "epochs=4", "stopping.delta=1", "stopping.patience=1", "schedule.kind=plateau", "schedule.plateau_patience=0", "schedule.plateau_threshold=1");
        var folder = training.Artifacts.Run("metrics");
        Assert.Equal(RunEnd.Patience, training.Trainer().Run(recipe, folder, resume: false, CancellationToken.None).End);
        var before = ResumeFiles.FindLatest(folder.Resume, _ => { })!.State;
        Assert.Equal((ValidationMetric.Accuracy, 1), (before.Patience.Metric!.Value, before.Patience.Waited));
        training.Lines.Clear();
        var other = recipe with { Stopping = recipe.Stopping with { Metric = ValidationMetric.Loss } };
        var report = training.Trainer().Run(other, folder, resume: true, CancellationToken.None);
        // The first epoch after the change is the mark, the second is not better by delta.
        Assert.Equal((RunEnd.Patience, 4), (report.End, report.Epochs.Length));
        Assert.Contains(
            training.Lines,
            s => s.StartsWith("stopping.metric was accuracy and is loss: early stopping and the plateau schedule start again", StringComparison.Ordinal));
        var after = ResumeFiles.FindLatest(folder.Resume, _ => { })!.State;
        Assert.Equal(ValidationMetric.Loss, after.Patience.Metric);
        // The plateau kept its reduced rate, and compared losses from then on.
        Assert.True(after.Plateau.Factor <= before.Plateau.Factor);
        Assert.Contains(after.Plateau.Best!.Value, report.Epochs.Skip(2).Select(e => e.ValidationLoss));
    }

    private sealed class StopsAtFirstEpoch : IRunObserver
    {
        public List<string> Events { get; } = [];

        public void Started(RunStart start) => Events.Add("started");

        public void Step(StepMetrics step) => Events.Add($"step {step.Step}");

        public string? Epoch(EpochResult result)
        {
            Events.Add($"epoch {result.Metrics.Epoch}");
            return "dull";
        }

        public void Ended(RunEnd end, EpochMetrics? best) => Events.Add($"ended {end}");
    }
}

using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Soup;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Pipeline.Training;

public class CrossValidationJobTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task The_time_of_one_of_many_trainings_is_not_the_time_in_all()
    {
        await Task.Yield();
        List<string> lines = [];
        new ResumableTraining(training.Data, SmallTraining.Context(lines.Add) with { EpochsAfter = null })
            .Run(SmallTraining.Recipe("epochs=2"), training.Artifacts.Run("one-of-many"), resume: false, CancellationToken.None);
        var epochs = lines.Where(l => l.StartsWith("epoch ", StringComparison.Ordinal)).ToList();

        Assert.EndsWith(" left in this training", epochs[0], StringComparison.Ordinal);
        Assert.DoesNotContain(" left ", epochs[1], StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task Every_training_image_is_predicted_once_by_a_model_that_was_not_trained_on_it()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=1", "data.folds=3");
        var (folder, artifacts, data) = (training.Artifacts.Run("folds"), training.Artifacts, training.Data);
        // One fold alone first: out-of-fold logits do not exist yet.
        var one = training.CrossValidation().Run(recipe with { Data = recipe.Data with { Fold = 1 } }, folder, resume: false, CancellationToken.None);
        Assert.Equal([1], one.Folds.Select(f => f.Fold));
        Assert.Null(one.OutOfFold);
        Assert.Null(folder.Read().Data.Fold);
        var all = training.CrossValidation().Run(recipe, folder, resume: true, CancellationToken.None);
        Assert.Equal([false, true, false], all.Folds.Select(f => f.Report.WasComplete));
        Assert.Equal(data.Train.Length, all.OutOfFold!.Rows);
        // The first fold of three is followed by the last one, as the other is trained.
        Assert.Equal(
            [false, true, false],
            training.Lines.Where(l => l.StartsWith("epoch 1:", StringComparison.Ordinal)).Select(l => l.Contains(" left in all", StringComparison.Ordinal)));
        Assert.Equal(4, File.ReadAllLines(folder.FoldMetrics).Length);

        var held = RunLogits.Read(artifacts, data.Name, "val", ["folds"])!.Set;
        Assert.Equal(data.Train.Select(s => s.Id), held.Ids);
        Assert.Equal(all.OutOfFold.Accuracy, ClassificationMetrics.Evaluate(held.Members[0]).Accuracy);
        Assert.All(folder.Folds, fold =>
        {
            var (trained, validated) = DataSource.Split(data, fold.Read());
            Assert.Empty(trained.Select(s => s.Id).Intersect(validated.Select(s => s.Id)));
            var table = LogitsReader.Read(Path.Combine(artifacts.Logits, data.Name, "val", $"{fold.Name}.parquet"));
            Assert.Equal(validated.Select(s => s.Id).Order(), table.Ids.Order());
            Assert.Equal((fold.Fold, "folds"), (table.Metadata.Fold, table.Metadata.Run));
        });

        // The run can predict with its folds, and its submission is their mean.
        Assert.Contains("folds", artifacts.AllRuns().Select(r => r.Name));
        var tests = new List<LogitsTable>();
        foreach (var fold in folder.Trained)
        {
            using var job = new PredictJob(fold, fold.Read(), data, artifacts, SmallTraining.Context());
            var splits = job.Run(CancellationToken.None);
            Assert.Equal(["val", "test"], splits.Select(p => p.Split));
            tests.Add(splits[^1].Table);
        }

        var lines = File.ReadAllLines(new PredictionStore(artifacts).WriteSubmission(tests, data).Path);
        Assert.Equal(data.Test.Length + 1, lines.Length);
        Assert.Equal("folds.csv", Path.GetFileName(Directory.EnumerateFiles(Path.Combine(artifacts.Submissions, data.Name)).Single()));
        ReplaceOneFold(recipe, folder);
    }

    // Interrupted, the fold is as it was; finished, its tables and the submission of all folds are gone until they are predicted again.
    private void ReplaceOneFold(Recipe recipe, RunFolder folder)
    {
        var (artifacts, data) = (training.Artifacts, training.Data);
        recipe = recipe with { Data = recipe.Data with { Fold = 2 } };
        var before = SmallTraining.Contents(artifacts.Root);
        using (var source = new CancellationTokenSource())
        {
            var context = SmallTraining.Context() with { Observers = [new SmallTraining.CancelAfter(1, source)] };
            Assert.Throws<OperationCanceledException>(() => new CrossValidationJob(data, artifacts, context) { Replacement = Reserve() }
                .Run(recipe, folder, resume: false, source.Token));
        }

        Assert.Equal(before, SmallTraining.Contents(artifacts.Root));
        var other = recipe with { BatchSize = 4 };
        Assert.Throws<RefusalException>(() => RunReservation.Reserve(folder, other, resume: false, overwrite: true));
        new CrossValidationJob(data, artifacts, SmallTraining.Context()) { Replacement = Reserve() }.Run(recipe, folder, resume: false, CancellationToken.None);
        string Table(int fold) => Path.Combine(artifacts.Logits, data.Name, "test", $"folds.fold-{fold}.parquet");
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(f => File.Exists(Table(f))));
        Assert.False(File.Exists(artifacts.Submission(data.Name, "folds")));

        // A fold whose resume files are lost is found before any fold is trained.
        Directory.Delete(folder.ForFold(2).Resume, recursive: true);
        before = SmallTraining.Contents(artifacts.Root);
        Assert.Throws<RefusalException>(() => training.CrossValidation().Run(
            recipe with { Epochs = 2, Data = recipe.Data with { Fold = null } }, folder, resume: true, CancellationToken.None));
        Assert.Equal(before, SmallTraining.Contents(artifacts.Root));

        Replacement? Reserve() => RunReservation.Reserve(folder, recipe, resume: false, overwrite: true);
    }
}

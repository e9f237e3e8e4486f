using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Soup;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Cross validation as a run, and soups of runs.</summary>
public class FoldRunTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task Folds_predict_every_training_image_once_by_a_model_that_did_not_learn_from_it()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=1", "data.folds=3");
        var (folder, artifacts, data) = (training.Artifacts.Run("folds"), training.Artifacts, training.Data);
        // One of them alone first: then out-of-fold logits are not there yet.
        var one = training.CrossValidation().Run(recipe with { Data = recipe.Data with { Fold = 1 } }, folder, resume: false, CancellationToken.None);
        Assert.Equal([1], one.Folds.Select(f => f.Fold));
        Assert.Null(one.OutOfFold);
        Assert.Null(folder.Read().Data.Fold);
        var all = training.CrossValidation().Run(recipe, folder, resume: true, CancellationToken.None);
        Assert.Equal([false, true, false], all.Folds.Select(f => f.Report.WasComplete));
        Assert.Equal(data.Train.Length, all.OutOfFold!.Rows);
        Assert.Equal(4, File.ReadAllLines(folder.FoldMetrics).Length);

        var held = RunLogits.Read(artifacts, data.Name, "val", ["folds"])!.Set;
        Assert.Equal(data.Train.Select(s => s.Id), held.Ids);
        Assert.Equal(all.OutOfFold.Accuracy, ClassificationMetrics.Evaluate(held.Members[0]).Accuracy);
        Assert.All(folder.Folds, fold =>
        {
            var (learnt, validated) = DataSource.Split(data, fold.Read());
            Assert.Empty(learnt.Select(s => s.Id).Intersect(validated.Select(s => s.Id)));
            var table = LogitsReader.Read(Path.Combine(artifacts.Logits, data.Name, "val", $"{fold.Name}.parquet"));
            Assert.Equal(validated.Select(s => s.Id).Order(), table.Ids.Order());
            Assert.Equal((fold.Fold, "folds"), (table.Metadata.Fold, table.Metadata.Run));
        });

        // The run is one of those that can predict, by its folds, and its submission is their mean.
        Assert.Contains("folds", artifacts.AllRuns().Select(r => r.Name));
        foreach (var fold in folder.Trained)
        {
            using var flow = new PredictJob(fold, fold.Read(), data, artifacts, SmallTraining.Context());
            Assert.Equal(["val", "test"], flow.Run(CancellationToken.None).Select(p => p.Split));
        }

        var lines = File.ReadAllLines(new PredictionStore(artifacts).WriteSubmission(folder, data));
        Assert.Equal(data.Test.Length + 1, lines.Length);
        Assert.Equal("folds.csv", Path.GetFileName(Directory.EnumerateFiles(artifacts.Submissions).Single()));
    }

    [Theory(Timeout = 300_000)]
    [InlineData(SoupKind.Greedy)]
    [InlineData(SoupKind.Uniform)]
    public async Task A_soup_is_a_run_that_predicts_as_well_as_it_says(SoupKind kind)
    {
        await Task.Yield();
        var (artifacts, data) = (training.Artifacts, training.Data);
        var folder = artifacts.Run($"kept-{kind}");
        training.Trainer().Run(SmallTraining.Recipe("checkpoints.top=2", "stopping.metric=loss", "optimizer.learning_rate=0.003"), folder, resume: false, CancellationToken.None);
        var target = artifacts.Run($"soup-{kind}");
        var (ingredients, soup) = new SoupJob(new SoupOptions { Kind = kind, Batches = 2 }, [folder], data, SmallTraining.Context()).Run(target, CancellationToken.None);
        Assert.Equal(2, ingredients.Length);
        Assert.Equal(EpochMetrics.Read(folder.Metrics).Select(r => r.ValidationLoss).Order().Take(2).Order(), ingredients.Select(i => i.ValidationLoss).Order());
        Assert.Contains(ingredients, i => i.Kept);
        if (kind == SoupKind.Uniform)
        {
            Assert.All(ingredients, i => Assert.True(i.Kept));
        }
        else
        {
            Assert.True(soup.ValidationLoss <= ingredients.Min(i => i.ValidationLoss));
        }

        using var flow = new PredictJob(target, target.Read(), data, artifacts, SmallTraining.Context());
        Assert.Equal(soup.ValidationAccuracy, flow.PredictHeldOut(CancellationToken.None).Accuracy!.Value, 1e-12);
        Assert.True(File.Exists(target.Soup));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_soup_of_runs_with_other_splits_or_of_one_file_is_refused()
    {
        await Task.Yield();
        var one = training.Whole("split-1", SmallTraining.Recipe("epochs=1"));
        var two = training.Whole("split-2", SmallTraining.Recipe("epochs=1", "data.split_seed=9"));
        var refused = Assert.Throws<RefusalException>(() => new SoupJob(new SoupOptions(), [one, two], training.Data, SmallTraining.Context()));
        Assert.Contains("split_seed", refused.Message, StringComparison.Ordinal);
        var alone = new SoupJob(new SoupOptions(), [one], training.Data, SmallTraining.Context());
        Assert.Contains("at least two", Assert.Throws<RefusalException>(() => alone.Run(training.Artifacts.Run("alone"), CancellationToken.None)).Message, StringComparison.Ordinal);
    }
}

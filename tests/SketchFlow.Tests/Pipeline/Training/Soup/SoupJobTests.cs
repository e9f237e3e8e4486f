using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Soup;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Pipeline.Training.Soup;

public class SoupJobTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Theory(Timeout = 300_000)]
    [InlineData(SoupKind.Greedy)]
    [InlineData(SoupKind.Uniform)]
    public async Task A_soup_predicts_with_the_accuracy_that_it_reports(SoupKind kind)
    {
        await Task.Yield();
        var (artifacts, data) = (training.Artifacts, training.Data);
        var folder = artifacts.Run($"kept-{kind}");
        var recipe = SmallTraining.Recipe("checkpoints.top=2", "stopping.metric=loss", "optimizer.learning_rate=0.003");
        training.Trainer().Run(recipe, folder, resume: false, CancellationToken.None);
        var target = artifacts.Run($"soup-{kind}");
        var options = new SoupOptions { Kind = kind, Batches = 2 };
        var (ingredients, soup) = new SoupJob(options, [folder], data, SmallTraining.Context()).Run(target, CancellationToken.None);
        Assert.Equal(2, ingredients.Length);
        Assert.Equal(
            EpochMetrics.Read(folder.Metrics).Select(r => r.ValidationLoss).Order().Take(2).Order(), ingredients.Select(i => i.ValidationLoss).Order());
        Assert.Contains(ingredients, i => i.Kept);
        if (kind == SoupKind.Uniform)
        {
            Assert.All(ingredients, i => Assert.True(i.Kept));
        }
        else
        {
            Assert.True(soup.ValidationLoss <= ingredients.Min(i => i.ValidationLoss));
        }

        using var job = new PredictJob(target, target.Read(), data, artifacts, SmallTraining.Context());
        Assert.Equal(soup.ValidationAccuracy, job.PredictHeldOut(CancellationToken.None).Accuracy!.Value, 1e-12);
        Assert.True(File.Exists(target.Soup));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_soup_of_runs_with_other_splits_or_of_one_file_is_refused()
    {
        await Task.Yield();
        var one = training.TrainUninterrupted("split-1", SmallTraining.Recipe("epochs=1"));
        var two = training.TrainUninterrupted("split-2", SmallTraining.Recipe("epochs=1", "data.split_seed=9"));
        var refused = Assert.Throws<RefusalException>(() => new SoupJob(new SoupOptions(), [one, two], training.Data, SmallTraining.Context()));
        Assert.Contains("split_seed", refused.Message, StringComparison.Ordinal);
        var alone = new SoupJob(new SoupOptions(), [one], training.Data, SmallTraining.Context());
        var tooFew = Assert.Throws<RefusalException>(() => alone.Run(training.Artifacts.Run("alone"), CancellationToken.None));
        Assert.Contains("at least two", tooFew.Message, StringComparison.Ordinal);
    }
}

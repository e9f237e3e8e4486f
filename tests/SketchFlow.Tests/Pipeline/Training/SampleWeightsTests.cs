using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Weights of training images from a CSV table.</summary>
public class SampleWeightsTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Theory]
    [InlineData("weight\n1\n", "expected id or image_path, and weight")]
    [InlineData("id,weight\n0,1\n", " of the 24 training images, the first is #")]
    [InlineData("id,weight\n77,1\n", "has a weight for id 77, which is no training image of small")]
    [InlineData("id,weight\n-1,1\n", "has a weight for id -1, which is no training image")]
    [InlineData("id,weight\n0,-1\n", "has the weight '-1' in line 2, expected a number of 0 or more")]
    [InlineData("id,weight\n0,NaN\n", "has the weight 'NaN' in line 2")]
    [InlineData("id,weight\n0,1e999\n", "has the weight '1e999' in line 2")]
    [InlineData("id,weight\n0,\n", "has the weight '' in line 2")]
    [InlineData("id,weight\n0,1\n0,2\n", "has a second weight for #0 ")]
    [InlineData("id,image_path,weight\n0,elsewhere.png,1\n", "has elsewhere.png for id 0, and small has ")]
    [InlineData("image_path,weight\nelsewhere.png,1\n", "has a weight for elsewhere.png, which is no training image")]
    [InlineData("id,weight\n0,1,2\n", "has 3 fields in line 2, expected 2")]
    [InlineData("", "expected id or image_path, and weight")]
    public void A_table_that_does_not_fit_is_refused_in_one_sentence(string text, string expected)
    {
        var path = Write("bad.csv", text);
        var refused = Assert.Throws<RefusalException>(() => Read(path));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void A_missing_table_and_weights_that_are_all_0_are_refused()
    {
        Assert.Contains("do not exist", Assert.Throws<RefusalException>(() => Read(Path.Combine(training.Root, "none.csv"))).Message, StringComparison.Ordinal);
        var zero = Write("zero.csv", Table(_ => 0));
        Assert.Contains("mean weight of 0", Assert.Throws<RefusalException>(() => Read(zero)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_found_by_id_or_path_and_have_the_mean_1_over_the_training_images()
    {
        var recipe = SmallTraining.Recipe($"data.sample_weights={Write("by-id.csv", Table(id => id % 4))}");
        var setup = new TrainingSetup(recipe, training.Data, SmallTraining.Context());
        setup.Check();
        var rows = training.Data.Train.Select(s => $"{s.ImagePath},{s.Id % 4}");
        var byPath = new TrainingSetup(
            recipe with { Data = recipe.Data with { SampleWeights = Write("by-path.csv", $"image_path,weight\n{string.Join('\n', rows)}\n") } },
            training.Data, SmallTraining.Context());
        using var batches = setup.StartBatches(0, 0, _ => { });
        var seen = new List<(long Id, float Weight)>();
        while (batches.TryTake(out var batch, out _))
        {
            float[] weights = setup.Weights!.Of(batch);
            Assert.Equal(weights, byPath.Weights!.Of(batch));
            seen.AddRange(batch.Samples.Select(s => s.Id).Zip(weights));
        }

        Assert.Equal(24, seen.Count);
        Assert.Equal(1, seen.Average(s => s.Weight), 1e-5);
        var unit = seen.First(s => s.Id % 4 == 1).Weight;
        Assert.All(seen, s => Assert.Equal(s.Id % 4 * unit, s.Weight, 1e-5));
        Assert.Equal(setup.Fingerprint, byPath.Fingerprint);
        Assert.NotEqual(setup.Fingerprint, new TrainingSetup(SmallTraining.Recipe(), training.Data, SmallTraining.Context()).Fingerprint);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_weighted_run_that_is_cut_ends_with_the_same_bytes_and_not_with_other_weights()
    {
        await Task.Yield();
        var table = Write("run.csv", Table(id => id % 3));
        var recipe = SmallTraining.Recipe($"data.sample_weights={table}", "mixing.mixup=0.4", "accumulation=2");
        var whole = training.TrainUninterrupted("weighted", recipe);
        Assert.Contains(training.Lines, l => l.StartsWith($"sample weights from {table}: 0 to ", StringComparison.Ordinal));
        var cut = training.Artifacts.Run("weighted-cut");
        using (var source = new CancellationTokenSource())
        {
            Assert.Throws<OperationCanceledException>(
                () => training.Trainer(new SmallTraining.CancelAfter(4, source)).Run(recipe, cut, resume: false, source.Token));
        }

        Write("run.csv", Table(id => id % 3 == 0 ? 1 : 2));
        var refused = Assert.Throws<RefusalException>(() => training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None));
        Assert.Contains("another set of images or of sample weights", refused.Message, StringComparison.Ordinal);
        Write("run.csv", Table(id => id % 3));
        training.Trainer().Run(recipe, cut, resume: true, CancellationToken.None);
        SmallTraining.AssertSame(whole, cut);
        var plain = training.TrainUninterrupted("unweighted", SmallTraining.Recipe("mixing.mixup=0.4", "accumulation=2"));
        Assert.NotEqual(File.ReadAllBytes(plain.Best), File.ReadAllBytes(whole.Best));
    }

    private SampleWeights Read(string path) =>
        new TrainingSetup(SmallTraining.Recipe($"data.sample_weights={path}"), training.Data, SmallTraining.Context()).Weights!;

    private string Table(Func<long, double> weight) => $"id,weight\n{string.Join('\n', training.Data.Train.Select(s => $"{s.Id},{weight(s.Id)}"))}\n";

    private string Write(string name, string text)
    {
        var path = Path.Combine(training.Root, name);
        File.WriteAllText(path, text);
        return path;
    }
}

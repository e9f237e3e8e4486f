using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public class TrainingSetupTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Theory(Timeout = 300_000)]
    [InlineData(0)]
    [InlineData(8)]
    public async Task Each_batch_carries_its_position_in_the_order_of_the_epoch(int start)
    {
        await Task.Yield();
        // The second image of the order cannot be read, so the first batch ends one position later.
        var recipe = SmallTraining.Recipe("batch_size=4", "augmentation=[]");
        var data = training.Data;
        var setup = new TrainingSetup(recipe, data, SmallTraining.Context());
        var order = EpochShuffle.Shuffle(setup.Train, recipe.Seed, 1);
        var missing = order[start + 1];
        data = data with { Train = [.. data.Train.Select(s => s.Id == missing.Id ? s with { Fault = "missing" } : s)] };
        var rejected = new List<Rejected>();
        using var batches = new TrainingSetup(recipe, data, SmallTraining.Context()).StartBatches(1, start, rejected.Add);
        var (position, expected) = (start, start + 5);
        while (batches.TryTake(out var batch, out position))
        {
            Assert.Equal(expected, position);
            Assert.Equal(order[position - 1].Id, batch.Samples[^1].Id);
            expected += 4;
        }

        Assert.Equal(missing.Id, Assert.Single(rejected).Id);
        Assert.Equal(order.Length, batches.Length);
        Assert.InRange(order.Length - position, 0, 3);
    }
}

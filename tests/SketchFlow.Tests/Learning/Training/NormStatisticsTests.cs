using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training;

public class NormStatisticsTests
{
    [Fact]
    public void Recalibrated_statistics_are_the_mean_over_the_batches_and_do_not_depend_on_earlier_ones()
    {
        var architecture = SmallModels.Network();
        using var one = SmallModels.Model(architecture);
        using var other = SmallModels.Model(architecture);
        using (torch.no_grad())
        {
            other.Statistics.fill_(Keep(7));
        }

        Show(one, 1, 2);
        Show(other, 1, 2);
        Assert.True(one.Statistics.bytes.SequenceEqual(other.Statistics.bytes));

        // The first layer sees the images themselves, so its statistics of two batches are the mean of those of each.
        using var first = SmallModels.Model(architecture);
        using var second = SmallModels.Model(architecture);
        Show(first, 1);
        Show(second, 2);
        var place = architecture.Tensors.ToList().FindIndex(t => t.Name == "bn1.running_mean");
        var mean = first.Weights[place].data<float>().Zip(second.Weights[place].data<float>()).Select(p => (p.First + p.Second) / 2).ToArray();
        Assert.All(mean.Zip(one.Weights[place].data<float>()), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.False(NormStatistics.AreIn(SmallModels.Perceptron()));

        void Show(FlatModel model, params int[] seeds)
        {
            var statistics = new NormStatistics(model, architecture.Preprocessing, ComputePrecision.Float32);
            foreach (var seed in seeds)
            {
                using var batch = SmallModels.Batch(8, seed: seed);
                statistics.Add(batch);
            }

            Assert.Equal(seeds.Length, statistics.Batches);
        }
    }
}

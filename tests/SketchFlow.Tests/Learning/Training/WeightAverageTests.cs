using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Training;

public class WeightAverageTests
{
    [Fact]
    public void The_mean_of_equal_models_is_that_model_and_of_two_is_halfway_between()
    {
        var architecture = SmallModels.Perceptron();
        using var a = SmallModels.Model(architecture, seed: 1);
        using var b = SmallModels.Model(architecture, seed: 2);
        using var target = SmallModels.Model(architecture, seed: 3);
        using var same = new WeightAverage();
        same.Add(a);
        same.Add(a);
        same.Into(target, with: a);
        Assert.True(target.Parameters.bytes.SequenceEqual(a.Parameters.bytes));
        using var two = new WeightAverage();
        two.Add(a);
        two.Add(b);
        two.Into(target);
        using var halfway = a.Parameters.to(torch.float64).Plus(b.Parameters.to(torch.float64)).div(Keep(2)).to(torch.float32);
        Assert.True(target.Parameters.bytes.SequenceEqual(halfway.bytes));
        using var other = SmallModels.Model(SmallModels.Network());
        Assert.Throws<RefusalException>(() => two.Add(other));
    }
}

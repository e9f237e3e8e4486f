using SketchFlow.Data.Images;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Training;

namespace SketchFlow.Tests.Learning.Training;

[Collection(nameof(Alone))]
public class LiveTensorTests
{
    [Fact]
    public void Training_leaves_no_tensors_behind()
    {
        using var learner = SmallModels.Learner();
        using var batch = SmallModels.Batch(6);
        SmallModels.Losses(learner, batch, 2);
        var before = Alone.LiveTensors();
        SmallModels.Losses(learner, batch, 5);
        Assert.Equal(before, LibTorch.LiveTensors);
    }
}

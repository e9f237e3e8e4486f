using SketchFlow.Learning.Native;

namespace SketchFlow.Tests.Learning.Training;

/// <summary>Tests that count something of the whole process: they run when no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public class LiveTensorTests
{
    [Fact]
    public void Training_leaves_no_tensors_behind()
    {
        using var learner = Small.Learner();
        using var batch = Small.Batch(6);
        Small.Losses(learner, batch, 2);
        var before = LibTorch.LiveTensors;
        Small.Losses(learner, batch, 5);
        Assert.Equal(before, LibTorch.LiveTensors);
    }
}

using SketchFlow.Learning.Native;

namespace SketchFlow.Tests.Learning.Training;

/// <summary>Tests that count something of the whole process: they run when no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>Tensors that are alive once those that other tests left to the collector are gone: it must not take them between two counts.</summary>
    internal static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return LibTorch.LiveTensors;
    }
}

[Collection(nameof(Alone))]
public class LiveTensorTests
{
    [Fact]
    public void Training_leaves_no_tensors_behind()
    {
        using var learner = Small.Learner();
        using var batch = Small.Batch(6);
        Small.Losses(learner, batch, 2);
        var before = Alone.LiveTensors();
        Small.Losses(learner, batch, 5);
        Assert.Equal(before, LibTorch.LiveTensors);
    }
}

using SketchFlow.Learning.Native;

namespace SketchFlow.Tests.Learning.Training;

/// <summary>Tests that count objects of the whole process, or measure times; no other test runs at the same time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>Counts the live tensors after collecting those that other tests left behind, so that these do not disappear between two counts.</summary>
    internal static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return LibTorch.LiveTensors;
    }
}

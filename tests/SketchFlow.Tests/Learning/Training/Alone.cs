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

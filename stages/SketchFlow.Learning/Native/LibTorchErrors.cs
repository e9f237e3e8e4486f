using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Native;

/// <summary>Classifies errors that libtorch distinguishes only by the text of the message.</summary>
public static class LibTorchErrors
{
    // c10/core/impl/alloc_cpu.cpp: "not enough memory" (Windows) and "can't allocate memory" (elsewhere);
    // c10/cuda/CUDACachingAllocator.cpp: "CUDA out of memory"; operator new: "std::bad_alloc"; oneDNN: "could not create a memory object" and
    // "out_of_memory"; strerror(ENOMEM): "Cannot allocate memory".
    private static readonly string[] OutOfMemory =
    [
        "out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "std::bad_alloc", "bad allocation", "out_of_memory",
        "could not create a memory object",
    ];

    /// <summary>Returns true when memory of the CPU or the GPU was exhausted.</summary>
    /// <remarks>CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED are not recognised, since other faults cause them as well.</remarks>
    public static bool IsOutOfMemory(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            OutOfMemoryException => true,
            RefusalException or UsageException or OperationCanceledException => false,
            AggregateException many => many.InnerExceptions.Any(IsOutOfMemory),
            _ => OutOfMemory.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase))
                || (error.InnerException is { } inner && IsOutOfMemory(inner)),
        };
    }
}

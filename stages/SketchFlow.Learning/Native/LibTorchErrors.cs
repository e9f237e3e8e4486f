namespace SketchFlow.Learning.Native;

/// <summary>Classifies errors that libtorch distinguishes only by the text of the message.</summary>
public static class LibTorchErrors
{
    // c10/core/impl/alloc_cpu.cpp: "not enough memory" (Windows) and "can't allocate memory" (elsewhere);
    // c10/cuda/CUDACachingAllocator.cpp: "CUDA out of memory".
    private static readonly string[] OutOfMemory = ["out of memory", "not enough memory", "can't allocate memory"];

    /// <summary>Returns true when memory of the CPU or the GPU was exhausted.</summary>
    /// <remarks>CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED are not recognised, since other faults cause them as well.</remarks>
    public static bool IsOutOfMemory(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is OutOfMemoryException || OutOfMemory.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase));
    }
}

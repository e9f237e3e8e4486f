namespace SketchFlow.Learning.Native;

/// <summary>Kinds of errors that libtorch reports by the text of its message alone.</summary>
public static class LibTorchErrors
{
    // c10/core/CPUAllocator.cpp: "not enough memory" (Windows) and "can't allocate memory" (elsewhere); c10/cuda/CUDACachingAllocator.cpp: "CUDA out of memory".
    private static readonly string[] OutOfMemory = ["out of memory", "not enough memory", "can't allocate memory"];

    /// <summary>Whether memory, of the CPU or of the GPU, was exhausted.</summary>
    /// <remarks>Not recognised are the codes CUBLAS_STATUS_ALLOC_FAILED and CUDNN_STATUS_ALLOC_FAILED, which other faults cause as well.</remarks>
    public static bool IsOutOfMemory(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is OutOfMemoryException || OutOfMemory.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase));
    }
}

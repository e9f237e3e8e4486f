using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Native;

/// <summary>Provides libtorch, without CUDA, to a program that is installed without it.</summary>
public interface ILibTorchSource
{
    /// <summary>Returns the folder with libtorch; null if it was not fetched yet.</summary>
    string? Find();

    /// <summary>Returns the folder with libtorch, after fetching it if necessary.</summary>
    /// <exception cref="RefusalException">libtorch cannot be fetched; the message says why, and what to do.</exception>
    string Fetch();
}

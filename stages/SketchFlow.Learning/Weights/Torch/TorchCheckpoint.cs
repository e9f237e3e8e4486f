using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Reads PyTorch's own files, <c>.pth</c>, <c>.pt</c> and <c>.bin</c>, as written by <c>torch.save</c> since version 1.6: a zip archive with a
/// pickle of containers (<c>data.pkl</c>) and one member of raw bytes for each storage (<c>data/0</c>, …).
/// </summary>
/// <remarks>
/// Written by hand for safety: a pickle can name any function for Python to call. Here nothing is called: the names that tensors and containers
/// need are known (<see cref="TorchResolver"/>), and any other is refused with a message that states it.
/// </remarks>
public static class TorchCheckpoint
{
    /// <summary>Opens a checkpoint; storages are read from disk on request.</summary>
    /// <exception cref="RefusalException">The file cannot be opened, is damaged, or contains more than tensors and containers.</exception>
    public static TorchFile Open(string path) => new(path);
}

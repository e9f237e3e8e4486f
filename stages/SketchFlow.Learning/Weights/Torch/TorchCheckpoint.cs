using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// PyTorch's own files, <c>.pth</c>, <c>.pt</c> and <c>.bin</c>, as <c>torch.save</c> writes them since version 1.6: a zip archive with a
/// pickle of containers (<c>data.pkl</c>) and one member of raw bytes for each storage (<c>data/0</c>, …).
/// </summary>
/// <remarks>
/// A pickle may name any function for Python to call. Here nothing is called: the names that tensors and containers need are known (those of
/// <c>torch/_weights_only_unpickler.py</c>), and any other is refused by name.
/// </remarks>
public static class TorchCheckpoint
{
    /// <summary>Opens a checkpoint; storages stay on the disk until they are asked for.</summary>
    /// <exception cref="RefusalException">It cannot be opened, is damaged, or holds more than tensors and containers.</exception>
    public static TorchFile Open(string path) => new(path);
}

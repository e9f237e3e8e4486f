using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Threads of libtorch's own loops. Sums that are split over threads depend on their number, so a run keeps the number that it was begun with.</summary>
public static class ComputeThreads
{
    /// <summary>The number, by default one a core.</summary>
    public static int Count
    {
        get
        {
            LibTorch.Load();
            return torch.get_num_threads();
        }

        set
        {
            LibTorch.Load();
            torch.set_num_threads(value);
        }
    }
}

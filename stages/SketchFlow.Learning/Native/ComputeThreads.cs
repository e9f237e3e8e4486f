using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Threads of libtorch's own loops. Sums that are split over threads depend on their number, so a run keeps the number that it was begun with.</summary>
public static class ComputeThreads
{
    private static readonly Lazy<int> _own = new(() =>
    {
        LibTorch.Load();
        return torch.get_num_threads();
    });

    /// <summary>The number that libtorch chose: one a core, unless OMP_NUM_THREADS says otherwise.</summary>
    public static int Default => _own.Value;

    /// <summary>The present number.</summary>
    public static int Count
    {
        get
        {
            LibTorch.Load();
            return torch.get_num_threads();
        }

        set
        {
            _ = Default; // before it is changed
            torch.set_num_threads(value);
        }
    }
}

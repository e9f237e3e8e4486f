using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Number of threads of libtorch's loops. Sums that are split over threads depend on it, so a resumed run uses the number that it was started
/// with.
/// </summary>
public static class ComputeThreads
{
    private static readonly Lazy<int> _default = new(() =>
    {
        LibTorch.Load();
        return torch.get_num_threads();
    });

    /// <summary>The number that libtorch chose: one per core, or OMP_NUM_THREADS.</summary>
    public static int Default => _default.Value;

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
            _ = Default; // is read before the first change
            torch.set_num_threads(value);
        }
    }
}

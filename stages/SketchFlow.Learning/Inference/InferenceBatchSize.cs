using SketchFlow.Data.Machine;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Inference;

/// <summary>Finds the batch size of prediction from the memory that a forward pass needs.</summary>
public static class InferenceBatchSize
{
    private const int MaxOnGpu = 1024;

    // A larger batch is no faster on a CPU, whose cores are busy with far fewer images.
    private const int MaxOnCpu = 128;

    /// <summary>Finds the largest power of two whose forward pass fits: on a GPU by trying, on a CPU in half of the free memory.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="precision">Precision of convolutions and matrix products.</param>
    /// <param name="side">Side of the images in pixels.</param>
    /// <param name="memory">Bytes of CPU memory that may be used; null is half of the free memory.</param>
    /// <returns>The size, and the bytes per image in addition to the weights (0 where they were not measured).</returns>
    public static (int Size, long BytesPerImage) FindLargest(FlatModel model, ComputePrecision precision, int side, long? memory = null)
    {
        var gpu = model.Device.type == DeviceType.CUDA;
        var allowed = memory ?? (SystemMemory.FreeBytes / 2);
        var (size, each) = (1, 0L);
        for (var n = 1; n <= (gpu ? MaxOnGpu : MaxOnCpu); n *= 2)
        {
            // The memory measured at half the size decides whether this size may be tried at all.
            if (!gpu && n > 1 && each * n * 3 / 2 > allowed)
            {
                break;
            }

            if (Try(model, precision, side, n) is not { } taken)
            {
                break;
            }

            (size, each) = (n, Math.Max(each, taken / n));
        }

        return (size, each);
    }

    /// <summary>Runs one batch of zeros.</summary>
    /// <returns>The bytes that it needed at its peak, 0 where they cannot be measured; null when memory ran out.</returns>
    private static long? Try(FlatModel model, ComputePrecision precision, int side, int count)
    {
        var (before, isReset) = (ProcessMemory.ResidentBytes, ProcessMemory.ResetPeak());
        try
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            using var images = torch.zeros([count, side, side, 3], torch.float32, model.Device).permute(0, 3, 1, 2);
            new InferenceStep(model, model.Architecture.Preprocessing, precision).Logits(images);
        }
        catch (Exception e) when (LibTorchErrors.IsOutOfMemory(e))
        {
            return null;
        }

        return isReset ? Math.Max(0, ProcessMemory.PeakBytes - before) : 0;
    }
}

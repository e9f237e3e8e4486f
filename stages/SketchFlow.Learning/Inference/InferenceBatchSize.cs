using SketchFlow.Data.Machine;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Inference;

/// <summary>The batch size of prediction, found by memory.</summary>
public static class InferenceBatchSize
{
    private const int MostOnCard = 1024;

    // Beyond this a processor gains nothing: its cores are busy with far fewer images.
    private const int MostOnProcessor = 128;

    /// <summary>The largest power of two whose forward pass fits: on a card by trying, on a processor in half of the memory that is free.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="precision">What products are computed in.</param>
    /// <param name="side">Side of the images in pixels.</param>
    /// <param name="memory">Bytes of the processor's memory that may be used; null is half of what is free.</param>
    /// <returns>The size, and the bytes that an image takes on top of the weights (0 where it was not measured).</returns>
    public static (int Size, long BytesPerImage) FindLargest(FlatModel model, ComputePrecision precision, int side, long? memory = null)
    {
        var card = model.Device.type == DeviceType.CUDA;
        var allowed = memory ?? (SystemMemory.FreeBytes / 2);
        var (size, each) = (1, 0L);
        for (var n = 1; n <= (card ? MostOnCard : MostOnProcessor); n *= 2)
        {
            // What was measured at half the size says whether this one may be tried at all.
            if (!card && n > 1 && each * n * 3 / 2 > allowed)
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

    /// <summary>Runs one batch of nothing; the bytes that it took at its peak, or null where memory was short.</summary>
    private static long? Try(FlatModel model, ComputePrecision precision, int side, int count)
    {
        var (before, isReset) = (ProcessMemory.ResidentBytes, ProcessMemory.ResetPeak());
        try
        {
            using var scope = torch.NewDisposeScope();
            using var still = torch.inference_mode();
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

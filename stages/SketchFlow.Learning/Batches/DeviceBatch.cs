using SketchFlow.Data.Images;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Batches;

/// <summary>A batch normalised and on the device, to be used more than once: what bare steps are measured with. One thread owns it.</summary>
public sealed class DeviceBatch : IDisposable
{
    private DeviceBatch(torch.Tensor images, torch.Tensor targets) => (Images, Targets) = (images, targets);

    /// <summary>Images.</summary>
    public int Count => (int)Images.shape[0];

    /// <summary>(N, 3, H, W) float32.</summary>
    internal torch.Tensor Images { get; }

    /// <summary>(N) int64; where an image has no target, 0.</summary>
    internal torch.Tensor Targets { get; }

    /// <summary>Normalises <paramref name="batch"/>, which stays the caller's.</summary>
    /// <param name="batch">Images of one size.</param>
    /// <param name="preprocessing">Mean and standard deviation.</param>
    /// <param name="device">Where the images are wanted.</param>
    /// <param name="channelsLast">Their layout in memory.</param>
    public static DeviceBatch Upload(PixelBatch batch, Preprocessing preprocessing, ComputeDevice device, bool channelsLast = true)
    {
        using var scope = torch.NewDisposeScope();
        var images = Normalize.ToDevice(batch, preprocessing, device.Torch);
        images = channelsLast ? images : images.contiguous();
        var targets = torch.tensor([.. batch.Samples.Select(s => (long)(s.Target ?? 0))]).to(device.Torch);
        return new DeviceBatch(images.MoveToOuterDisposeScope().DetachFromDisposeScope(), targets.MoveToOuterDisposeScope().DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Targets.Dispose();
    }
}

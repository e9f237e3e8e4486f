using SketchFlow.Data.Images;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Batches;

/// <summary>A normalised batch on the device that can be used more than once, for measuring isolated steps. One thread owns it.</summary>
public sealed class DeviceBatch : IDisposable
{
    private DeviceBatch(torch.Tensor images, torch.Tensor targets) => (Images, Targets) = (images, targets);

    /// <summary>Number of images.</summary>
    public int Count => (int)Images.shape[0];

    /// <summary>(N, 3, H, W) float32.</summary>
    internal torch.Tensor Images { get; }

    /// <summary>(N) int64; 0 for an image without a target.</summary>
    internal torch.Tensor Targets { get; }

    /// <summary>Normalises a batch on a device.</summary>
    /// <param name="batch">Images of one size; the caller keeps ownership.</param>
    /// <param name="preprocessing">Mean and standard deviation.</param>
    /// <param name="device">Device of the new batch.</param>
    /// <param name="channelsLast">Whether the images are channels last in memory.</param>
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

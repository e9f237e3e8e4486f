using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>Batches of uint8 pixels to normalised float images on the device, channels last.</summary>
public static unsafe class Normalize
{
    /// <summary>(pixel / 255 − mean) / std per channel, in red, green, blue order; grey goes to all three.</summary>
    /// <param name="batch">(N, H, W, C) uint8, blue, green, red or grey; stays the caller's.</param>
    /// <param name="preprocessing">Mean and standard deviation, red, green, blue.</param>
    /// <param name="device">Where the images are wanted.</param>
    /// <returns>(N, 3, H, W) float32, channels last in memory; the caller's, or the open dispose scope's.</returns>
    public static torch.Tensor ToDevice(PixelBatch batch, Preprocessing preprocessing, torch.Device device) =>
        device.type == DeviceType.CPU ? ByTable(batch, preprocessing) : ByTensors(batch, preprocessing, device);

    /// <summary>On the CPU: a table of 256 floats a channel, one pass, images in parallel.</summary>
    internal static torch.Tensor ByTable(PixelBatch batch, Preprocessing preprocessing)
    {
        var table = new float[3 * 256];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var value = 0; value < 256; value++)
            {
                table[(channel * 256) + value] = (float)(((value / 255.0) - preprocessing.Mean[channel]) / preprocessing.Std[channel]);
            }
        }

        var (count, height, width, channels) = (batch.Count, batch.Height, batch.Width, batch.Channels);
        var area = height * width;
        var images = torch.empty([count, height, width, 3], torch.float32);
        var output = TensorMemory.Address<float>(images);
        var pixels = batch.Buffer;
        Parallel.For(0, count, n =>
        {
            var to = output + ((long)n * area * 3);
            fixed (byte* from = &pixels[n * area * channels])
            fixed (float* red = table)
            {
                var green = red + 256;
                var blue = red + 512;
                if (channels == 1)
                {
                    for (var i = 0; i < area; i++, to += 3)
                    {
                        var grey = from[i];
                        to[0] = red[grey];
                        to[1] = green[grey];
                        to[2] = blue[grey];
                    }
                }
                else
                {
                    var end = from + (area * 3);
                    for (var bgr = from; bgr < end; bgr += 3, to += 3)
                    {
                        to[0] = red[bgr[2]];
                        to[1] = green[bgr[1]];
                        to[2] = blue[bgr[0]];
                    }
                }
            }
        });
        return images.permute(0, 3, 1, 2);
    }

    /// <summary>On a card: bytes cross the bus, arithmetic happens there.</summary>
    internal static torch.Tensor ByTensors(PixelBatch batch, Preprocessing preprocessing, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = torch.empty([batch.Count, batch.Height, batch.Width, batch.Channels], torch.uint8);
        batch.Bytes.CopyTo(bytes.bytes);
        var onDevice = bytes.to(device);
        var rgb = batch.Channels == 3 ? onDevice.flip(3) : onDevice;
        var scale = torch.tensor([.. preprocessing.Std.Select(s => (float)(1 / (255 * s)))], device: device);
        var offset = torch.tensor([.. preprocessing.Mean.Zip(preprocessing.Std, (m, s) => (float)(-m / s))], device: device);
        return rgb.to(torch.float32).mul(scale).add_(offset).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}

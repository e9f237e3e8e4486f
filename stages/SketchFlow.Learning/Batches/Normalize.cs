using System.Runtime.Intrinsics;
using SketchFlow.Data.Images;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Batches;

/// <summary>Converts batches of uint8 pixels to normalised float images on the device, channels last.</summary>
public static unsafe class Normalize
{
    /// <summary>Computes (pixel / 255 − mean) / std per channel, in red, green, blue order; grey is copied to all three.</summary>
    /// <param name="batch">(N, H, W, C) uint8, blue, green, red or grey; the caller keeps ownership.</param>
    /// <param name="preprocessing">Mean and standard deviation, red, green, blue.</param>
    /// <param name="device">Device of the images.</param>
    /// <returns>(N, 3, H, W) float32, channels last in memory; owned by the caller or the open dispose scope.</returns>
    public static torch.Tensor ToDevice(PixelBatch batch, Preprocessing preprocessing, torch.Device device) =>
        device.type == DeviceType.CPU ? ByTable(batch, preprocessing) : ByTensors(batch, preprocessing, device);

    /// <summary>Normalises on the CPU: one pass with a table of 256 colours, images in parallel on libtorch's threads.</summary>
    internal static torch.Tensor ByTable(PixelBatch batch, Preprocessing preprocessing)
    {
        // Each level as red, green, blue, 0, so that a grey pixel is one load and one store.
        var table = stackalloc Vector128<float>[256];
        for (var value = 0; value < 256; value++)
        {
            table[value] = Vector128.Create(Value(0), Value(1), Value(2), 0);

            float Value(int channel) => (float)(((value / 255.0) - preprocessing.Mean[channel]) / preprocessing.Std[channel]);
        }

        var (count, channels, area) = (batch.Count, batch.Channels, batch.Height * batch.Width);
        var images = torch.empty([count, batch.Height, batch.Width, 3], torch.float32);
        var output = TensorMemory.Pointer<float>(images);
        var pixels = batch.Buffer;
        OpenMpTeam.For(count, 3L * count * area, n =>
        {
            var to = output + ((long)n * area * 3);
            fixed (byte* from = &pixels[n * area * channels])
            {
                if (channels == 1)
                {
                    Grey(from, area, table, to);
                }
                else
                {
                    Colour(from, area, table, to);
                }
            }
        });
        return images.permute(0, 3, 1, 2);
    }

    private static void Grey(byte* from, int area, Vector128<float>* table, float* to)
    {
        // The fourth lane overwrites the next pixel, which is written afterwards. The pixel after the last one belongs to another thread.
        var last = area - 1;
        for (var i = 0; i < last; i++, to += 3)
        {
            table[from[i]].Store(to);
        }

        var end = table[from[last]];
        (to[0], to[1], to[2]) = (end[0], end[1], end[2]);
    }

    private static void Colour(byte* bgr, int area, Vector128<float>* table, float* to)
    {
        var levels = (float*)table;
        for (var end = bgr + (area * 3); bgr < end; bgr += 3, to += 3)
        {
            to[0] = levels[4 * bgr[2]];
            to[1] = levels[(4 * bgr[1]) + 1];
            to[2] = levels[(4 * bgr[0]) + 2];
        }
    }

    /// <summary>Normalises on a GPU: bytes cross the bus, and the arithmetic happens on the device.</summary>
    internal static torch.Tensor ByTensors(PixelBatch batch, Preprocessing preprocessing, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = torch.empty([batch.Count, batch.Height, batch.Width, batch.Channels], torch.uint8);
        batch.Bytes.CopyTo(bytes.bytes);
        var onDevice = bytes.to(device);
        var rgb = batch.Channels == 3 ? onDevice.flip(3) : onDevice;
        var scale = torch.tensor([.. preprocessing.Std.Select(s => (float)(1 / (255 * s)))], device: device);
        var offset = torch.tensor([.. preprocessing.Mean.Zip(preprocessing.Std, (m, s) => (float)(-m / s))], device: device);
        return rgb.to(torch.float32).mul(scale).Increase(offset).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}

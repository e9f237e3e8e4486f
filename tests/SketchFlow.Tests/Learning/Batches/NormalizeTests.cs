using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Batches;

public class NormalizeTests
{
    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 3)]
    [InlineData(800, 1)] // enough for several threads, whose images are adjacent in memory
    [InlineData(800, 3)]
    public void Both_ways_are_the_formula_in_float64_within_rounding(int count, int channels)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = SmallModels.Batch(count, channels: channels);
        var preprocessing = Preprocessing.ImageNet;
        foreach (var images in new[] { Normalize.ByTable(batch, preprocessing), Normalize.ByTensors(batch, preprocessing, torch.CPU) })
        {
            Assert.Equal([count, 3, SmallModels.Side, SmallModels.Side], images.shape);
            Assert.Equal(1, images.stride(1));
            var values = SmallModels.Values(images.permute(0, 2, 3, 1));
            for (var i = 0; i < values.Length; i++)
            {
                var (pixel, channel) = (i / 3, i % 3);
                // Pixels are blue, green, red; images red, green, blue.
                var value = batch.Bytes[channels == 1 ? pixel : (pixel * 3) + 2 - channel];
                Assert.Equal(((value / 255.0) - preprocessing.Mean[channel]) / preprocessing.Std[channel], values[i], 1e-6);
            }
        }
    }
}

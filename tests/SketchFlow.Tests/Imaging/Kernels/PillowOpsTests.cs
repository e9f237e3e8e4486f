using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Sharpness compared with Pillow's formula.</summary>
public sealed class PillowOpsTests
{
    [Property(MaxTest = 150)]
    public Property Sharpness_equals_Pillow_s_formula_in_every_pixel() => Prop.ForAll(TestImages.Any(), Gen.Choose(-20, 40).ToArbitrary(), (image, tenths) =>
    {
        using var input = image.ToPixels();
        using var sharp = PillowOps.Sharpness(input, tenths / 10.0);
        var (channels, row, factor) = (image.Channels, image.Width * image.Channels, (float)(1 + (tenths / 10.0)));
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = (i % row / channels, i / row);
            var isBorder = x == 0 || y == 0 || x == image.Width - 1 || y == image.Height - 1;
            int Sum(int dy) => Enumerable.Range(-1, 3).Sum(dx => image.Bytes[i + (dy * row) + (dx * channels)]);
            var sum = isBorder ? 0 : Enumerable.Range(-1, 3).Sum(Sum) + (4 * image.Bytes[i]);
            var smooth = (int)((sum / 13.0) + 0.5);
            Assert.Equal(isBorder ? image.Bytes[i] : (byte)Math.Clamp(smooth + (factor * (image.Bytes[i] - smooth)), 0F, 255F), sharp.Bytes[i]);
        }
    });
}

using System.Runtime.InteropServices;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline;

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
            var sum = isBorder ? 0 : Enumerable.Range(-1, 3).Sum(dy => Enumerable.Range(-1, 3).Sum(dx => image.Bytes[i + (dy * row) + (dx * channels)])) + (4 * image.Bytes[i]);
            var smooth = (int)((sum / 13.0) + 0.5);
            Assert.Equal(isBorder ? image.Bytes[i] : (byte)Math.Clamp(smooth + (factor * (image.Bytes[i] - smooth)), 0F, 255F), sharp.Bytes[i]);
        }
    });
}

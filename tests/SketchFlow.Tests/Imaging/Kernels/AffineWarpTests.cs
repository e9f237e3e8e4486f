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

/// <summary>Affine warps of whole images.</summary>
public sealed class AffineWarpTests
{
    [Fact]
    public void A_quarter_turn_moves_the_corners()
    {
        using var input = TestImages.RandomImage(9, 9, 1, 2).ToPixels();
        using var turned = AffineWarp.Run(input, AffineMap.Rotation(new(9, 9), 90), new(9, 9));

        // Counter-clockwise: the top right corner comes to the top left.
        Assert.Equal(input.Bytes[8], turned.Bytes[0]);
        Assert.Equal(input.Bytes[0], turned.Bytes[72]);
    }
}

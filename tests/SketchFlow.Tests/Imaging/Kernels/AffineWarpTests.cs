using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Affine warps of whole images.</summary>
public sealed class AffineWarpTests
{
    [Fact]
    public void A_quarter_turn_moves_the_corners()
    {
        using var input = TestImages.RandomImage(9, 9, 1, 2).ToPixels();
        using var turned = AffineWarp.Run(input, AffineMap.Rotation(new(9, 9), 90), new(9, 9));

        // Counter-clockwise: the top right corner moves to the top left.
        Assert.Equal(input.Bytes[8], turned.Bytes[0]);
        Assert.Equal(input.Bytes[0], turned.Bytes[72]);
    }
}

using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Bilinear warps: the vectorised loops, the scalar loop and the formula.</summary>
public sealed class BilinearWarpTests
{
    [Property(MaxTest = 200)]
    public Property Vectorised_and_scalar_loops_give_the_same_bytes() => Prop.ForAll(TestImages.Any(), Maps(), (image, map) =>
        Warped(image, map, vectorised: true).AsSpan().SequenceEqual(Warped(image, map, vectorised: false)));

    [Property(MaxTest = 100)]
    public Property Grey_gives_the_bytes_of_three_equal_channels() => Prop.ForAll(TestImages.Grey(), Maps(), (image, map) =>
    {
        var (grey, colour) = (Warped(image, map, vectorised: true), Warped(image.Tripled(), map, vectorised: true));
        return Enumerable.Range(0, colour.Length).All(i => colour[i] == grey[i / 3]);
    });

    [Property(MaxTest = 100)]
    public Property A_warp_equals_the_bilinear_formula_within_one_level() => Prop.ForAll(TestImages.Grey(), Maps(), (image, map) =>
    {
        var (own, back) = (Warped(image, map, vectorised: true), map.Inverse());
        for (var i = 0; i < own.Length; i++)
        {
            var (x, y) = (i % image.Width, i / image.Width);
            var expected = Bilinear(image, (back.Xx * x) + (back.Xy * y) + back.X0, (back.Yx * x) + (back.Yy * y) + back.Y0);
            Assert.True(Math.Abs(own[i] - expected) <= 1, $"{image} at {x}, {y}: {own[i]}, expected {expected:F3}");
        }
    });

    // Rotations, scalings, shears and shifts, some of them out of the image.
    private static Arbitrary<AffineMap> Maps() =>
        (from degrees in Gen.Choose(-180, 180)
         from scale in Gen.Elements(0.02, 0.4, 1, 1.3, 7)
         from shear in Gen.Elements(0, 0, 0.3, -1.2)
         from dx in Gen.Choose(-400, 400)
         from dy in Gen.Choose(-90, 90)
         select AffineMap.Rotation(new(33, 29), degrees + 0.37, scale, dx / 10.0, dy / 10.0).Then(new AffineMap(1, shear, 0, 0, 1, 0))).ToArbitrary();

    private static byte[] Warped(RawImage image, AffineMap map, bool vectorised)
    {
        var target = new byte[image.Bytes.Length];
        BilinearWarp.Run(image.ToSpan(), target, new(image.Width, image.Height), map.Inverse(), 200, vectorised);
        return target;
    }

    private static double Bilinear(RawImage image, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, down) = (x - left, y - top);
        return ((At(left, top) * (1 - right)) + (At(left + 1, top) * right)) * (1 - down)
            + (((At(left, top + 1) * (1 - right)) + (At(left + 1, top + 1) * right)) * down);

        double At(int column, int row) =>
            column < 0 || row < 0 || column >= image.Width || row >= image.Height ? 200 : image.Bytes[(row * image.Width) + column];
    }
}

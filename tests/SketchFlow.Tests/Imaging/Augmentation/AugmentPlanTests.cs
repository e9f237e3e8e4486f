using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Plans: fusion of operations, random streams, description.</summary>
public sealed class AugmentPlanTests
{
    [Fact]
    public void Fused_tables_equal_consecutive_tables()
    {
        var (first, second) = (LookupTables.BrightnessContrast(0.1, -0.2), LookupTables.Solarize(100));
        using var input = TestImages.RandomImage(33, 17, 3, 9).ToPixels();
        using var once = LookupTables.Apply(input, first);
        using var apart = LookupTables.Apply(once, second);
        using var fused = AugmentPlan.Run(input, [new PixelOp.LevelMap(first), new PixelOp.LevelMap(second)]);
        Assert.True(apart.Bytes.SequenceEqual(fused.Bytes));
    }

    [Fact]
    public void A_rotation_and_its_inverse_in_one_plan_restore_the_image()
    {
        using var input = TestImages.Drawing(61, 40);
        var size = new ImageSize(61, 40);
        PixelOp[] ops = [new PixelOp.Affine(AffineMap.Rotation(size, 30), size), new PixelOp.Affine(AffineMap.Rotation(size, -30), size)];
        using var result = AugmentPlan.Run(input, ops);
        for (var i = 0; i < input.Length; i++)
        {
            Assert.InRange(result.Bytes[i] - input.Bytes[i], -2, 2);
        }
    }

    [Theory]
    [InlineData("elastic")]
    [InlineData("perspective")]
    [InlineData("optical-distortion")]
    public void A_distortion_between_affine_maps_adds_no_interpolation(string name)
    {
        using var input = TestImages.Drawing(61, 40);
        var size = new ImageSize(61, 40);
        var still = new List<PixelOp>();
        var random = KeyedRandom.For(1, 0, 1, "still");
        Transform transform = name switch
        {
            "elastic" => new Elastic { Alpha = 0 },
            "perspective" => new Perspective { Limit = 0 },
            _ => new OpticalDistortion { Limit = 0 },
        };
        transform.SampleOps(ref random, size, still);
        PixelOp[] ops = [new PixelOp.Affine(AffineMap.Rotation(size, 30), size), still[0], new PixelOp.Affine(AffineMap.Rotation(size, -30), size)];
        using var together = AugmentPlan.Run(input, ops);
        using var turned = AugmentPlan.Run(input, [ops[0]]);
        using var bent = AugmentPlan.Run(turned, [ops[1]]);
        using var apart = AugmentPlan.Run(bent, [ops[2]]);
        Assert.InRange(Worst(together), 0, 12);
        Assert.InRange(Worst(apart), 40, 255);

        // Compares the circle that no rotation moves out of the image.
        int Worst(Pixels result) => Enumerable.Range(0, input.Length).Where(i => Math.Pow((i % 61) - 30, 2) + Math.Pow((i / 61) - 19.5, 2) < 15 * 15)
            .Max(i => Math.Abs(result.Bytes[i] - input.Bytes[i]));
    }

    [Fact]
    public void Two_consecutive_distortions_are_composed_into_one_map()
    {
        // Shifts by whole pixels, one along each axis: the composition is exact.
        using var input = TestImages.RandomImage(20, 12, 3, 3).ToPixels();
        var (right, down) = (new PixelOp.Remap((xs, _, _) => Shift(xs, -3)), new PixelOp.Remap((_, ys, _) => Shift(ys, -2)));
        using var result = AugmentPlan.Run(input, [right, down]);
        for (var y = 0; y < 12; y++)
        {
            for (var x = 0; x < 20 * 3; x++)
            {
                Assert.Equal(y >= 2 && x >= 9 ? input.Bytes[((y - 2) * 60) + x - 9] : 255, result.Bytes[(y * 60) + x]);
            }
        }

        static void Shift(Span<float> values, float by)
        {
            foreach (ref var value in values)
            {
                value += by;
            }
        }
    }

    [Fact]
    public void Neighbours_with_different_fill_levels_are_not_fused()
    {
        using var input = TestImages.RandomImage(8, 8, 1, 3).ToPixels();
        var size = new ImageSize(8, 8);
        using var result = AugmentPlan.Run(
            input, [new PixelOp.Affine(AffineMap.Identity with { X0 = 2 }, size, 10), new PixelOp.Remap((xs, _, _) => xs[..].Clear(), 20)]);
        Assert.Equal([10, 10, 10], new[] { result.Bytes[0], result.Bytes[1], result.Bytes[2] });
    }

    [Fact]
    public void The_epoch_the_seed_and_the_sample_change_the_random_draws()
    {
        var plan = AugmentPlan.Compile([new Rotate { P = 1 }]);
        using var input = TestImages.Drawing(50, 50);
        using var other = Pixels.From(new Sample(8, "other", "other", null), 50, 50, 1, input.Bytes);
        using var a = plan.Apply(input, 0, 0);
        using var b = plan.Apply(input, 0, 1);
        using var c = plan.Apply(input, 1, 0);
        using var d = plan.Apply(other, 0, 0);
        Assert.False(a.Bytes.SequenceEqual(b.Bytes) || a.Bytes.SequenceEqual(c.Bytes) || a.Bytes.SequenceEqual(d.Bytes));
    }

    [Fact]
    public void A_plan_prints_itself_in_one_line() =>
        Assert.Equal(
            "horizontal-flip(p=0.5) > rotate(limit=15, fill=255, p=1) > erode(kernel=3, shape=rectangle, p=0.5)",
            AugmentPlan.Compile([new HorizontalFlip(), new Rotate { P = 1 }, new Erode()]).ToString());
}

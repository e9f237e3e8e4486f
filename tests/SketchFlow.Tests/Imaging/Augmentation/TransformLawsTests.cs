using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Blur;
using SketchFlow.Imaging.Augmentation.Dropout;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Noise;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Laws that every transform keeps, found by reflection: the next one is covered when it is written.</summary>
public sealed class TransformLawsTests
{
    public static TheoryData<string> Names() => [.. Transform.Known.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_arguments_give_the_same_bytes_and_the_input_stays(string name)
    {
        var plan = PlanOf(name);
        Prop.ForAll(TestImages.Any(), Gen.Choose(0, 1000).ToArbitrary(), (image, seed) =>
        {
            using var input = image.ToPixels();
            using var first = plan.Apply(input, seed, 3);
            using var second = plan.Apply(input, seed, 3);
            return first.Bytes.SequenceEqual(second.Bytes) && input.Bytes.SequenceEqual(image.Bytes) && !ReferenceEquals(first.Buffer, input.Buffer);
        }).Check(TestImages.Runs(25));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_size_is_as_declared_and_the_channels_stay(string name)
    {
        var plan = PlanOf(name);
        Prop.ForAll(TestImages.Any(), Gen.Choose(0, 1000).ToArbitrary(), (image, seed) =>
        {
            using var input = image.ToPixels();
            using var result = plan.Apply(input, seed, 0);
            return new ImageSize(result.Width, result.Height) == Transform.Default(name).OutputSize(new(image.Width, image.Height))
                && result.Channels == image.Channels && result.Sample == input.Sample;
        }).Check(TestImages.Runs(25));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_probability_of_zero_is_the_identity(string name)
    {
        var plan = AugmentPlan.Compile([Transform.Default(name) with { P = 0 }]);
        Prop.ForAll(TestImages.Any(), image =>
        {
            using var input = image.ToPixels();
            using var result = plan.Apply(input, 1, 0);
            return result.Bytes.SequenceEqual(image.Bytes);
        }).Check(TestImages.Runs(10));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grey_in_one_channel_or_in_three_comes_out_the_same(string name)
    {
        var plan = PlanOf(name);
        Prop.ForAll(TestImages.Grey(), Gen.Choose(0, 1000).ToArbitrary(), (image, seed) =>
        {
            using var one = image.ToPixels();
            using var three = image.Tripled().ToPixels();
            using var grey = plan.Apply(one, seed, 0);
            using var colour = plan.Apply(three, seed, 0);
            for (var i = 0; i < colour.Length; i++)
            {
                if (colour.Bytes[i] != grey.Bytes[i / 3])
                {
                    return false;
                }
            }

            return true;
        }).Check(TestImages.Runs(40));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_smallest_images_pass(string name)
    {
        var plan = PlanOf(name);
        foreach (var (width, height) in new[] { (1, 1), (1, 7), (7, 1), (2, 2), (1, 300), (300, 1) })
        {
            foreach (var channels in new[] { 1, 3 })
            {
                using var input = TestImages.Noise(width, height, channels, 5).ToPixels();
                for (var seed = 0; seed < 20; seed++)
                {
                    using var result = plan.Apply(input, seed, 0);
                    Assert.Equal(channels, result.Channels);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_transform_comes_back_from_its_recipe(string name)
    {
        var transform = Transform.Default(name) with { P = 0.25 };
        var back = Assert.Single(TransformJson.ReadList(TransformJson.WriteList([transform])));
        Assert.Equal(transform.ToString(), back.ToString());
        Assert.Equal(Transform.Default(name).ToString(), Assert.Single(TransformJson.ReadList($"[\"{name}\"]")).ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Something_changes_when_it_is_applied(string name)
    {
        var plan = PlanOf(name);
        using var input = TestImages.Drawing(64, 48);
        Assert.Contains(Enumerable.Range(0, 30), seed =>
        {
            using var result = plan.Apply(input, seed, 0);
            return result.Length != input.Length || !result.Bytes.SequenceEqual(input.Bytes);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Neither_another_transform_nor_its_place_changes_what_this_one_draws(string name)
    {
        var never = new Rotate { P = 0 };
        var alone = PlanOf(name);
        var between = AugmentPlan.Compile(string.Equals(name, never.Name, StringComparison.Ordinal)
            ? [new Invert { P = 0 }, Transform.Default(name) with { P = 1 }]
            : [never, Transform.Default(name) with { P = 1 }, never]);
        using var input = TestImages.Drawing(40, 40);
        for (var seed = 0; seed < 10; seed++)
        {
            using var a = alone.Apply(input, seed, 1);
            using var b = between.Apply(input, seed, 1);
            Assert.True(a.Bytes.SequenceEqual(b.Bytes));
        }
    }

    [Property(MaxTest = 50)]
    public Property A_flip_twice_is_the_identity() => Prop.ForAll(TestImages.Any(), image =>
        new Transform[] { new HorizontalFlip { P = 1 }, new VerticalFlip { P = 1 } }.All(flip =>
        {
            var plan = AugmentPlan.Compile([flip]);
            using var input = image.ToPixels();
            using var once = plan.Apply(input, 0, 0);
            using var twice = plan.Apply(once, 0, 0);
            using var fused = AugmentPlan.Compile([flip, flip]).Apply(input, 0, 0);
            return twice.Bytes.SequenceEqual(image.Bytes) && fused.Bytes.SequenceEqual(image.Bytes);
        }));

    [Property(MaxTest = 50)]
    public Property No_strength_is_the_identity() => Prop.ForAll(TestImages.Any(), image =>
        new Transform[]
        {
            new Rotate { P = 1, Limit = 0 },
            new ShiftScaleRotate { P = 1, Limit = 0, Scale = 0, Shift = 0 },
            new Shear { P = 1, X = 0, Y = 0 },
            new BrightnessContrast { P = 1, Brightness = 0, Contrast = 0 },
            new Gamma { P = 1, Limit = 1 },
            new Posterize { P = 1, Bits = 8 },
            new Solarize { P = 1, Threshold = 256 },
            new Erode { P = 1, Kernel = 1 },
            new Dilate { P = 1, Kernel = 1 },
            new Opening { P = 1, Kernel = 1 },
            new Closing { P = 1, Kernel = 1 },
            new CoarseDropout { P = 1, MinSide = 0, MaxSide = 0 },
            new RandomResizedCrop { P = 1, MinScale = 1, MaxScale = 1, Ratio = 1 },
            new GaussianNoise { P = 1, MinSigma = 0, MaxSigma = 0 },
            new SaltAndPepper { P = 1, Amount = 0 },
            new Sharpen { P = 1, Amount = 0 },
            new UnsharpMask { P = 1, Amount = 0 },
            new Affine { P = 1, Scale = 0, Shift = 0, Limit = 0, Shear = 0 },
            new Perspective { P = 1, Limit = 0 },
            new OpticalDistortion { P = 1, Limit = 0 },
            new Elastic { P = 1, Alpha = 0 },
            new Thicken { P = 1, Reach = 0 },
            new Thin { P = 1, Reach = 0 },
            new ColorJitter { P = 1, Brightness = 0, Contrast = 0, Saturation = 0, Hue = 0 },
            new RandomErasing { P = 1, MinArea = 0, MaxArea = 0 },
            new GridDropout { P = 1, Share = 0 },
            new TimmRandAugment { Each = 0 },
            new Sequence { Transforms = [new Invert { P = 0 }] },
        }.All(transform =>
        {
            using var input = image.ToPixels();

            // A crop of ratio 1 is whole only where the image is square.
            using var result = AugmentPlan.Compile([transform]).Apply(input, 4, 0);
            Assert.True((transform is RandomResizedCrop && image.Width != image.Height) || result.Bytes.SequenceEqual(image.Bytes), transform.ToString());
            return true;
        }));

    [Property(MaxTest = 60)]
    public Property Erosion_lies_below_the_image_and_dilation_above() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 5).ToArbitrary(), (image, side) =>
        Enum.GetValues<KernelShape>().All(shape =>
        {
            using var input = image.ToPixels();
            using var eroded = Augment.Erode(input, side, side, shape);
            using var dilated = Augment.Dilate(input, side, side, shape);
            for (var i = 0; i < input.Length; i++)
            {
                if (eroded.Bytes[i] > input.Bytes[i] || dilated.Bytes[i] < input.Bytes[i])
                {
                    return false;
                }
            }

            return true;
        }));

    [Property(MaxTest = 60)]
    public Property Erosion_of_the_negative_is_the_negative_of_dilation() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 5).ToArbitrary(), (image, side) =>
    {
        using var input = image.ToPixels();
        using var negative = image.Inverted().ToPixels();
        using var eroded = Augment.Erode(negative, side, side);
        using var dilated = Augment.Dilate(input, side, side);
        for (var i = 0; i < input.Length; i++)
        {
            if (eroded.Bytes[i] != 255 - dilated.Bytes[i])
            {
                return false;
            }
        }

        return true;
    });

    [Property(MaxTest = 60)]
    public Property Opening_lies_below_the_image_and_closing_above() => Prop.ForAll(TestImages.Any(), Gen.Choose(0, 500).ToArbitrary(), (image, seed) =>
    {
        using var input = image.ToPixels();
        using var opened = AugmentPlan.Compile([new Opening { P = 1, Kernel = 4 }]).Apply(input, seed, 0);
        using var closed = AugmentPlan.Compile([new Closing { P = 1, Kernel = 4 }]).Apply(input, seed, 0);
        for (var i = 0; i < input.Length; i++)
        {
            if (opened.Bytes[i] > input.Bytes[i] || closed.Bytes[i] < input.Bytes[i])
            {
                return false;
            }
        }

        return true;
    });

    [Fact]
    public void Every_level_goes_through_its_entry()
    {
        var table = TestImages.Noise(256, 1, 1, 3).Bytes;
        var bytes = TestImages.Noise(1000, 1, 1, 4).Bytes;
        var mapped = new byte[bytes.Length];
        Augment.Map(bytes, mapped, table);
        Assert.Equal(bytes.Select(b => table[b]), mapped);
    }

    [Fact]
    public void Fused_tables_equal_tables_one_after_the_other()
    {
        var (first, second) = (Augment.BrightnessContrastTable(0.1, -0.2), Augment.SolarizeTable(100));
        using var input = TestImages.Noise(33, 17, 3, 9).ToPixels();
        using var once = Augment.Map(input, first);
        using var apart = Augment.Map(once, second);
        using var fused = AugmentPlan.Run(input, [new PixelOp.LevelMap(first), new PixelOp.LevelMap(second)]);
        Assert.True(apart.Bytes.SequenceEqual(fused.Bytes));
    }

    [Fact]
    public void Turning_there_and_back_in_one_plan_loses_nothing()
    {
        using var input = TestImages.Drawing(61, 40);
        var size = new ImageSize(61, 40);
        using var result = AugmentPlan.Run(input, [new PixelOp.Affine(AffineMap.Rotation(size, 30), size), new PixelOp.Affine(AffineMap.Rotation(size, -30), size)]);
        for (var i = 0; i < input.Length; i++)
        {
            Assert.InRange(result.Bytes[i] - input.Bytes[i], -2, 2);
        }
    }

    [Theory]
    [InlineData("elastic")]
    [InlineData("perspective")]
    [InlineData("optical-distortion")]
    public void A_bend_between_warps_costs_no_interpolation_of_its_own(string name)
    {
        using var input = TestImages.Drawing(61, 40);
        var size = new ImageSize(61, 40);
        var still = new List<PixelOp>();
        var random = KeyedRandom.For(1, 0, 1, "still");
        ((Transform)(name switch { "elastic" => new Elastic { Alpha = 0 }, "perspective" => new Perspective { Limit = 0 }, _ => new OpticalDistortion { Limit = 0 } }))
            .SampleOps(ref random, size, still);
        PixelOp[] ops = [new PixelOp.Affine(AffineMap.Rotation(size, 30), size), still[0], new PixelOp.Affine(AffineMap.Rotation(size, -30), size)];
        using var together = AugmentPlan.Run(input, ops);
        using var turned = AugmentPlan.Run(input, [ops[0]]);
        using var bent = AugmentPlan.Run(turned, [ops[1]]);
        using var apart = AugmentPlan.Run(bent, [ops[2]]);
        Assert.InRange(Worst(together), 0, 12);
        Assert.InRange(Worst(apart), 40, 255);

        // Within the circle that no turn moves out of the picture.
        int Worst(Pixels result) => Enumerable.Range(0, input.Length).Where(i => Math.Pow((i % 61) - 30, 2) + Math.Pow((i / 61) - 19.5, 2) < 15 * 15)
            .Max(i => Math.Abs(result.Bytes[i] - input.Bytes[i]));
    }

    [Fact]
    public void Two_bends_in_a_row_are_the_one_map_that_they_compose_to()
    {
        // Shifts by whole pixels, one along each axis: the composition is exact.
        using var input = TestImages.Noise(20, 12, 3, 3).ToPixels();
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
    public void Neighbours_of_another_fill_are_moved_apart()
    {
        using var input = TestImages.Noise(8, 8, 1, 3).ToPixels();
        var size = new ImageSize(8, 8);
        using var result = AugmentPlan.Run(
            input, [new PixelOp.Affine(AffineMap.Identity with { X0 = 2 }, size, 10), new PixelOp.Remap((xs, _, _) => xs[..].Clear(), 20)]);
        Assert.Equal([10, 10, 10], new[] { result.Bytes[0], result.Bytes[1], result.Bytes[2] });
    }

    [Fact]
    public void Quarter_turns_move_pixels_to_where_they_belong()
    {
        using var input = TestImages.Noise(9, 9, 1, 2).ToPixels();
        using var turned = Augment.Warp(input, new PixelOp.Affine(AffineMap.Rotation(new(9, 9), 90), new(9, 9)));

        // Counter-clockwise: the top right corner comes to the top left.
        Assert.Equal(input.Bytes[8], turned.Bytes[0]);
        Assert.Equal(input.Bytes[0], turned.Bytes[72]);
    }

    [Fact]
    public void A_plan_prints_itself_in_one_line() =>
        Assert.Equal(
            "horizontal-flip(p=0.5) > rotate(limit=15, fill=255, p=1) > erode(kernel=3, shape=rectangle, p=0.5)",
            AugmentPlan.Compile([new HorizontalFlip(), new Rotate { P = 1 }, new Erode()]).ToString());

    [Theory]
    [InlineData("[{\"rotat\": {}}]", "rotat", "rotate")]
    [InlineData("[{\"rotate\": {\"angle\": 3}}]", "angle", "limit, fill, p")]
    [InlineData("[{\"rotate\": {\"p\": 3}}]", "p is 3", "0 to 1")]
    [InlineData("[{\"rotate\": {\"limit\": \"far\"}}]", "rotate", "limit")]
    [InlineData("[3]", "3", "name")]
    [InlineData("{", "list", "rotate")]
    public void A_wrong_recipe_is_refused_by_name(string json, string found, string expected)
    {
        var refusal = Assert.Throws<RefusalException>(() => TransformJson.ReadList(json));
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_epoch_the_seed_and_the_sample_change_what_is_drawn()
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

    private static AugmentPlan PlanOf(string name) => AugmentPlan.Compile([Transform.Default(name) with { P = 1 }]);
}

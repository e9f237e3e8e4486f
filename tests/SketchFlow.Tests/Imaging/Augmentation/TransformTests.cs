using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Blur;
using SketchFlow.Imaging.Augmentation.Dropout;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Noise;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Laws of every transform, checked by reflection: a new transform is covered without a change here.</summary>
public sealed partial class TransformTests
{
    public static TheoryData<string> Names() => [.. Transform.Known.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_arguments_give_equal_bytes_and_the_input_is_not_changed(string name)
    {
        var plan = CompilePlan(name);
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
    public void The_size_is_as_declared_and_the_channels_are_kept(string name)
    {
        var plan = CompilePlan(name);
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
    public void Grey_in_one_channel_or_in_three_gives_equal_results(string name)
    {
        var plan = CompilePlan(name);
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
    public void The_smallest_images_are_accepted(string name)
    {
        var plan = CompilePlan(name);
        foreach (var (width, height) in new[] { (1, 1), (1, 7), (7, 1), (2, 2), (1, 300), (300, 1) })
        {
            foreach (var channels in new[] { 1, 3 })
            {
                using var input = TestImages.RandomImage(width, height, channels, 5).ToPixels();
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
    public void A_transform_written_to_a_recipe_is_read_back(string name)
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
        var plan = CompilePlan(name);
        using var input = TestImages.Drawing(64, 48);
        Assert.Contains(Enumerable.Range(0, 30), seed =>
        {
            using var result = plan.Apply(input, seed, 0);
            return result.Length != input.Length || !result.Bytes.SequenceEqual(input.Bytes);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Other_transforms_do_not_change_the_random_draws_of_this_one(string name)
    {
        var never = new Rotate { P = 0 };
        var alone = CompilePlan(name);
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
    public Property A_strength_of_zero_is_the_identity() => Prop.ForAll(TestImages.Any(), image =>
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

    private static AugmentPlan CompilePlan(string name) => AugmentPlan.Compile([Transform.Default(name) with { P = 1 }]);
}

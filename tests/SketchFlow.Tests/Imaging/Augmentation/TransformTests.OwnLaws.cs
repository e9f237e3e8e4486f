using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Blur;
using SketchFlow.Imaging.Augmentation.Dropout;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Noise;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>One specific law for each transform; reflection finds transforms without one.</summary>
public sealed partial class TransformTests
{
    private delegate bool Law(RawImage image, int seed);

    private static readonly Dictionary<string, Law> Laws = new(StringComparer.Ordinal)
    {
        ["horizontal-flip"] = (x, _) => IsInvolution(new HorizontalFlip { P = 1 }, x)
            && At(Run(new HorizontalFlip { P = 1 }, x), 0, 0) == At(x, x.Width - 1, 0),
        ["vertical-flip"] = (x, _) => IsInvolution(new VerticalFlip { P = 1 }, x) && At(Run(new VerticalFlip { P = 1 }, x), 0, 0) == At(x, 0, x.Height - 1),
        ["rotate"] = (x, s) => KeepsOneLevel(new Rotate { P = 1, Limit = 180, Fill = 77 }, x, s),
        ["shift-scale-rotate"] = (x, s) => KeepsOneLevel(new ShiftScaleRotate { P = 1, Fill = 77 }, x, s),
        ["shear"] = (x, s) => KeepsOneLevel(new Shear { P = 1, Fill = 77 }, x, s),
        ["affine"] = (x, s) => KeepsOneLevel(new Affine { P = 1, Fill = 77 }, x, s)
            && Same(new Affine { P = 1, Scale = 0, Shift = 0, Limit = 0, Shear = 0 }, x, s),
        ["perspective"] = (x, s) => KeepsOneLevel(new Perspective { P = 1, Limit = 0.24, Fill = 77 }, x, s),
        ["optical-distortion"] = (x, s) => KeepsOneLevel(new OpticalDistortion { P = 1, Limit = 1, Fill = 77 }, x, s)
            && KeepsCentre(new OpticalDistortion { P = 1, Limit = 1 }, s),
        ["elastic"] = (x, s) => KeepsOneLevel(new Elastic { P = 1, Alpha = 9, Grid = 5, Fill = 77 }, x, s),
        ["random-resized-crop"] = (x, s) => KeepsOneLevel(new RandomResizedCrop { P = 1, MinScale = 0.1, Ratio = 2 }, x, s, 255)
            && Run(new RandomResizedCrop { P = 1, Size = 9 }, x, s) is { Width: 9, Height: 9 },
        ["erode"] = (x, s) => Between(Run(new Erode { P = 1, Kernel = 5 }, x, s), 0, x),
        ["dilate"] = (x, s) => Between(x, 0, Run(new Dilate { P = 1, Kernel = 5 }, x, s)),
        ["opening"] = (x, s) => Between(Run(new Opening { P = 1, Kernel = 3 }, x, s), 0, x) && Idempotent(new Opening { P = 1, Kernel = 2 }, x, s),
        ["closing"] = (x, s) => Between(x, 0, Run(new Closing { P = 1, Kernel = 3 }, x, s)) && Idempotent(new Closing { P = 1, Kernel = 2 }, x, s),
        ["thicken"] = (x, s) => Between(Run(new Thicken { P = 1, Reach = 3 }, x, s), 0, x)
            && Equal(Do(x, p => StrokeWidth.Thicken(p, 2)), Do(x.Inverted(), p => StrokeWidth.Thin(p, 2)).Inverted()),
        ["thin"] = (x, s) => Between(x, 0, Run(new Thin { P = 1, Reach = 3 }, x, s))
            && Between(Do(x, p => StrokeWidth.Thin(p, 2)), 0, Do(x, p => MorphologicalFilters.Dilate(p, 5, 5))),
        ["brightness-contrast"] = (x, s) => LevelsAreMapped(new BrightnessContrast { P = 1 }, x, s, rising: true),
        ["gamma"] = (x, s) => LevelsAreMapped(new Gamma { P = 1, Limit = 3 }, x, s, rising: true) && KeepsEnds(new Gamma { P = 1, Limit = 3 }, s),
        ["invert"] = (x, _) => IsInvolution(new Invert { P = 1 }, x) && Equal(Run(new Invert { P = 1 }, x), x.Inverted()),
        ["posterize"] = (x, s) => Between(Run(new Posterize { P = 1, Bits = 1 }, x, s), 0, x) && Idempotent(new Posterize { P = 1, Bits = 8 }, x, s),
        ["solarize"] = (x, s) => Every(x, Run(new Solarize { P = 1, Threshold = 100 }, x, s), (was, now) => now == was || (was >= 100 && now == 255 - was)),
        ["equalize"] = (x, s) => KeepsOrder(new Equalize { P = 1 }, x, s),
        ["auto-contrast"] = (x, s) => KeepsOrder(new AutoContrast { P = 1 }, x, s)
            && (Flat(Narrow(Grey(x)))
                || Run(new AutoContrast { P = 1 }, Narrow(Grey(x)), s).Bytes is var now && now.Min() == 0 && now.Max() >= 254),
        ["clahe"] = (x, s) => Flat(Run(new Clahe { P = 1 }, Level(x, 120), s)),
        ["color-jitter"] = (x, s) => Run(new ColorJitter { P = 1, Brightness = 0, Contrast = 0 }, Grey(x), s) is var now && Equal(now, Grey(x)),
        ["sharpen"] = (x, s) => Equal(Run(new Sharpen { P = 1, Amount = 3 }, Level(x, 90), s), Level(x, 90))
            && KeepsBorder(new Sharpen { P = 1, Amount = 3 }, x, s),
        ["unsharp-mask"] = (x, s) => Equal(Run(new UnsharpMask { P = 1, Amount = 3 }, Level(x, 90), s), Level(x, 90))
            && Same(new UnsharpMask { P = 1, Threshold = 255 }, Narrow(x), s),
        ["gaussian-blur"] = (x, s) => Within(Run(new GaussianBlur { P = 1 }, x, s), x),
        ["motion-blur"] = (x, s) => Within(Run(new MotionBlur { P = 1, Kernel = 9 }, x, s), x),
        ["jpeg-compression"] = (x, s) => Every(Level(x, 128), Run(new JpegCompression { P = 1 }, Level(x, 128), s), (was, now) => Math.Abs(was - now) <= 1),
        ["gaussian-noise"] = (x, s) => ChannelsMoveTogether(new GaussianNoise { P = 1 }, x, s),
        ["salt-and-pepper"] = (x, s) => Every(x, Run(new SaltAndPepper { P = 1, Amount = 0.5 }, x, s), (was, now) => now == was || now is 0 or 255)
            && Changed(x, Run(new SaltAndPepper { P = 1, Amount = 0.1 }, x, s)) <= 0.1 * x.Width * x.Height,
        ["coarse-dropout"] = (x, s) => Covers(new CoarseDropout { P = 1, Boxes = 2, MaxSide = 0.3, Fill = 9 }, x, s, 2 * 0.3 * 0.3),
        ["random-erasing"] = (x, s) => Covers(new RandomErasing { P = 1, MaxArea = 0.2, Ratio = 1, Fill = 9 }, x, s, 0.2),
        ["grid-dropout"] = (x, s) => Covers(new GridDropout { P = 1, Squares = 2, Fill = 9 }, x, s, 1) && Same(new GridDropout { P = 1, Share = 0 }, x, s),
        ["rand-augment"] = (x, s) => Ops(new RandAugment { Operations = 3 }, x, s).Count <= 3,
        ["trivial-augment"] = (x, s) => Ops(new TrivialAugment(), x, s).Count <= 1,
        ["auto-augment"] = (x, s) => Ops(new AutoAugment(), x, s).Count <= 2,
        ["timm-rand-augment"] = (x, s) => Same(new TimmRandAugment { Each = 0 }, x, s)
            && Ops(new TimmRandAugment { Operations = 4, Each = 1, Weighted = true }, x, s).Count == 4,
        ["aug-mix"] = (x, s) => Ops(new AugMix(), x, s) is [PixelOp.Custom] && Equal(Blend(x, 0), x),
        ["one-of"] = (x, s) => Run(new OneOf { P = 1, Transforms = Exact }, x, s) is var one && (Equal(one, Inverted(x)) || Equal(one, Flipped(x))),
        ["some-of"] = (x, s) => Equal(Run(new SomeOf { P = 1, Count = 9, Transforms = Exact }, x, s), Flipped(Inverted(x)))
            && Run(new SomeOf { P = 1, Count = 1, Transforms = Exact }, x, s) is var one && (Equal(one, Inverted(x)) || Equal(one, Flipped(x))),
        ["sometimes"] = (x, s) => Run(new Sometimes { P = 0.5, Transforms = Exact }, x, s) is var now && (Equal(now, x) || Equal(now, Flipped(Inverted(x)))),
        ["sequence"] = (x, s) => Equal(Run(new Sequence { Transforms = Exact }, x, s), Flipped(Inverted(x))),
    };

    private static System.Collections.Immutable.ImmutableArray<Transform> Exact => [new Invert { P = 1 }, new HorizontalFlip { P = 1 }];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_transform_keeps_its_specific_law(string name)
    {
        Assert.True(Laws.TryGetValue(name, out var law), $"{name} has no law in this table; add one.");
        Prop.ForAll(TestImages.Any(), Gen.Choose(0, 1000).ToArbitrary(), (image, seed) => law(image, seed)).Check(TestImages.Runs(20));
    }

    [Fact]
    public void Every_law_belongs_to_a_transform() => Assert.Empty(Laws.Keys.Except(Transform.Known.Keys));

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Names))]
    public async Task One_worker_and_several_give_the_same_bytes(string name)
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var samples = Enumerable.Range(0, 5).Select(i =>
        {
            var file = Path.Combine(folder.Root, $"{i}.png");
            using var pixels = TestImages.RandomImage(30 + i, 26, i % 2 == 0 ? 1 : 3, i).ToPixels();
            ImageEncoder.Write(pixels, file);
            return new Sample(i, $"{i}.png", file, 0);
        }).ToList();
        var options = new ImageFlowOptions
        {
            Preparation = new PadResizeOptions { Side = 24 },
            Augmentation = AugmentPlan.Compile([Transform.Default(name) with { P = 1 }]),
            Seed = 3,
        };
        var runs = new[] { 1, 3 }.Select(workers =>
        {
            var found = new SortedDictionary<long, byte[]>();
            ImageFlow.Images(options with { Workers = workers }, samples).Run(pixels => found.Add(pixels.Sample.Id, pixels.Bytes.ToArray()));
            return found;
        }).ToList();
        Assert.Equal(5, runs[0].Count);
        Assert.Equal(runs[0].Values, runs[1].Values);
    }

    [Fact]
    public void Composite_transforms_are_equal_when_their_members_are()
    {
        foreach (var name in Transform.Known.Keys)
        {
            var (a, b) = (Transform.Default(name), Transform.Default(name));
            Assert.Equal(a, b);
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
            Assert.NotEqual(a, b with { P = 0.123 });
            Assert.Equal(a, Assert.Single(TransformJson.ReadList(TransformJson.WriteList([a]))));
        }

        Assert.NotEqual<Transform>(new OneOf(), new SomeOf());
        Assert.NotEqual(new OneOf { Transforms = [new Erode()] }, new OneOf { Transforms = [new Erode { Kernel = 5 }] });
    }

    private static RawImage Run(Transform transform, RawImage image, int seed = 0) =>
        Do(image, input => AugmentPlan.Compile([transform]).Apply(input, seed, 0));

    private static RawImage Do(RawImage image, Func<Pixels, Pixels> operation)
    {
        using var input = image.ToPixels();
        using var result = operation(input);
        return new(result.Width, result.Height, result.Channels, result.Bytes.ToArray());
    }

    private static List<PixelOp> Ops(Transform transform, RawImage image, int seed)
    {
        var ops = new List<PixelOp>();
        var random = KeyedRandom.For(seed, 0, 1, transform.Name);
        transform.SampleOps(ref random, new(image.Width, image.Height), ops);
        return ops;
    }

    private static RawImage Blend(RawImage image, float share) =>
        Do(image, input => AugMix.Blend(input, [(1, [new PixelOp.LevelMap(LookupTables.Invert())])], share));

    private static byte At(RawImage image, int x, int y) => image.Bytes[((y * image.Width) + x) * image.Channels];

    private static RawImage Inverted(RawImage image) => image.Inverted();

    private static RawImage Flipped(RawImage image) => Run(new HorizontalFlip { P = 1 }, image);

    private static RawImage Level(RawImage image, byte level) => image with { Bytes = [.. Enumerable.Repeat(level, image.Bytes.Length)] };

    private static RawImage Grey(RawImage image) =>
        image.Channels == 1 ? image : image with { Bytes = [.. image.Bytes.Select((_, i) => image.Bytes[i / 3 * 3])] };

    private static RawImage Narrow(RawImage image) => image with { Bytes = [.. image.Bytes.Select(b => (byte)(100 + (b / 4)))] };

    private static bool Equal(RawImage a, RawImage b) =>
        (a.Width, a.Height, a.Channels) == (b.Width, b.Height, b.Channels) && a.Bytes.AsSpan().SequenceEqual(b.Bytes);

    private static bool Same(Transform transform, RawImage image, int seed) => Equal(Run(transform, image, seed), image);

    private static bool IsInvolution(Transform transform, RawImage image) => Equal(Run(transform, Run(transform, image)), image);

    private static bool Idempotent(Transform transform, RawImage image, int seed) =>
        Run(transform, image, seed) is var once && Equal(Run(transform, once, seed), once);

    private static bool KeepsOneLevel(Transform transform, RawImage image, int seed, byte level = 77) =>
        Run(transform, Level(image, level), seed).Bytes.AsSpan().IndexOfAnyExcept(level) < 0;

    private static bool KeepsCentre(Transform transform, int seed)
    {
        var bytes = new byte[21 * 21];
        bytes[(10 * 21) + 10] = 200;
        return At(Run(transform, new RawImage(21, 21, 1, bytes), seed), 10, 10) == 200;
    }

    private static bool Every(RawImage before, RawImage after, Func<byte, byte, bool> law) =>
        before.Bytes.Zip(after.Bytes).All(pair => law(pair.First, pair.Second));

    private static bool Between(RawImage low, int by, RawImage high) => Every(low, high, (l, h) => l <= h + by);

    private static bool Within(RawImage now, RawImage before) => now.Bytes.Min() >= before.Bytes.Min() && now.Bytes.Max() <= before.Bytes.Max();

    private static bool Flat(RawImage image) => image.Bytes.Distinct().Count() == 1;

    private static bool LevelsAreMapped(Transform transform, RawImage image, int seed, bool rising)
    {
        var now = Run(transform, image, seed);
        var map = image.Bytes.Zip(now.Bytes).GroupBy(p => p.First).OrderBy(g => g.Key).Select(g => g.Select(p => p.Second).Distinct().ToArray()).ToArray();
        return map.All(m => m.Length == 1) && (!rising || map.Zip(map.Skip(1)).All(p => p.First[0] <= p.Second[0]));
    }

    private static bool KeepsEnds(Transform transform, int seed) => Run(transform, new RawImage(2, 1, 1, [0, 255]), seed).Bytes is [0, 255];

    private static bool KeepsOrder(Transform transform, RawImage image, int seed)
    {
        var now = Run(transform, image, seed);
        return Enumerable.Range(0, image.Channels).All(c =>
        {
            var own = image.Bytes.Zip(now.Bytes).Where((_, i) => i % image.Channels == c).OrderBy(p => p.First).ToArray();
            return own.Zip(own.Skip(1)).All(p => p.First.Second <= p.Second.Second);
        });
    }

    private static bool KeepsBorder(Transform transform, RawImage image, int seed) =>
        Run(transform, image, seed) is var now && Enumerable.Range(0, image.Width).All(x => At(now, x, 0) == At(image, x, 0));

    private static bool ChannelsMoveTogether(Transform transform, RawImage image, int seed)
    {
        var now = Run(transform, image, seed);
        return image.Channels == 1 || Enumerable.Range(0, image.Width * image.Height).All(i =>
            Enumerable.Range(3 * i, 3).Where(k => now.Bytes[k] is > 0 and < 255).Select(k => now.Bytes[k] - image.Bytes[k]).Distinct().Count() <= 1);
    }

    private static int Changed(RawImage before, RawImage after) =>
        before.Bytes.Chunk(before.Channels).Zip(after.Bytes.Chunk(before.Channels)).Count(pair => !pair.First.SequenceEqual(pair.Second));

    // Changed pixels have the fill level, and at most the declared share changed, plus half a pixel of rounding on each side of a box.
    private static bool Covers(Transform transform, RawImage image, int seed, double share)
    {
        var now = Run(transform, image, seed);
        var allowed = share * (image.Width + 2) * (image.Height + 2);
        return Every(image, now, (was, is_) => was == is_ || is_ == 9) && Changed(image, now) <= allowed + 4;
    }
}

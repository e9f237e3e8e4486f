using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Imaging;

namespace SketchFlow.Tests.Pipeline.Loading;

/// <summary>Cached images equal decoded ones, and the cache stays within its limit.</summary>
public sealed class ImageCacheTests(SmallTraining training) : IClassFixture<SmallTraining>, IDisposable
{
    private static readonly DecodeOptions _decode = new();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 20)]
    public void Every_epoch_sees_the_same_bytes_with_a_cache_of_any_size(byte side, byte size, byte workers)
    {
        var samples = Write(6);
        var options = new ImageFlowOptions
        {
            Preparation = new PadResizeOptions { Side = 4 + (side % 24) },
            Augmentation = AugmentPlan.Compile([new HorizontalFlip { P = 0.5 }]),
            Workers = 1 + (workers % 4),
        };
        var limit = size * 24;
        var cache = new ImageCache(limit);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            Assert.Equal(Bytes(options with { Epoch = epoch }, samples), Bytes(options with { Epoch = epoch, Cache = cache }, samples));
            Assert.InRange(cache.Bytes, 0, limit);
        }

        Assert.Equal(cache.Bytes == 0, cache.Count == 0);
        cache.Clear();
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void Cached_files_are_not_read_again_and_others_are()
    {
        var samples = Write(4);
        // Grey images of 8 × 8 bytes: space for two and a half.
        var options = new ImageFlowOptions { Preparation = new PadResizeOptions { Side = 8 }, Cache = new ImageCache(160), Workers = 1 };
        Assert.Equal(4, Bytes(options, samples).Count);
        samples.ForEach(s => File.Delete(s.File));
        Assert.Equal((2, 128L), (options.Cache.Count, options.Cache.Bytes));
        var rejected = new List<Rejected>();
        var found = new List<long>();
        ImageFlow.Images(options, samples).Run(p => found.Add(p.Sample.Id), rejected.Add);
        Assert.Equal([0, 1], found);
        Assert.Equal(["no such file", "no such file"], rejected.Select(r => r.Reason));
    }

    [Fact]
    public void A_file_is_cached_once_for_each_pair_of_decoding_options_and_size()
    {
        var samples = Write(1);
        var cache = new ImageCache(1 << 20);
        foreach (var side in (int[])[8, 12, 8])
        {
            using var pixels = cache.Prepare(_decode, new PadResizeOptions { Side = side }, samples[0]).Value;
            Assert.Equal(side, pixels.Width);
        }

        cache.Prepare(_decode with { ReducedDecoding = true }, new PadResizeOptions { Side = 8 }, samples[0]).Value.Dispose();
        Assert.Equal((3, 64L + 144 + 64), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void A_row_of_the_same_file_keeps_its_own_name_and_target()
    {
        var sample = Write(1)[0];
        var cache = new ImageCache(1 << 20);
        cache.Prepare(_decode, new PadResizeOptions { Side = 8 }, sample).Value.Dispose();
        var other = sample with { Id = 7, Target = 3 };
        using var pixels = cache.Prepare(_decode, new PadResizeOptions { Side = 8 }, other).Value;
        Assert.Equal((other, 1), (pixels.Sample, cache.Count));
        Assert.Equal("twice", cache.Prepare(_decode, new PadResizeOptions { Side = 8 }, other with { Fault = "twice" }).Rejection?.Reason);
    }

    [Fact(Timeout = 300_000)]
    public async Task Training_gives_the_same_bytes_with_any_cache_and_across_a_change_of_size()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("threads=1", "sizes=[{from_epoch: 2, size: 48}]");
        var runs = new double?[] { 0, 0.005, null }
            .Select((size, i) => training.TrainUninterrupted($"cache-{i}", recipe with { Data = recipe.Data with { CacheMegabytes = size } })).ToList();
        runs.Skip(1).ToList().ForEach(run => SmallTraining.AssertSame(runs[0], run));
    }

    private List<Sample> Write(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var file = Path.Combine(_folder.Root, $"{i}.png");
        using var pixels = TestImages.RandomImage(20 + i, 26, i % 4 == 3 ? 3 : 1, i).ToPixels();
        ImageEncoder.Write(pixels, file);
        return new Sample(i, $"{i}.png", file, 0);
    })];

    private static SortedDictionary<long, byte[]> Bytes(ImageFlowOptions options, IReadOnlyList<Sample> samples)
    {
        var found = new SortedDictionary<long, byte[]>();
        ImageFlow.Images(options, samples).Run(pixels => found.Add(pixels.Sample.Id, pixels.Bytes.ToArray()));
        return found;
    }
}

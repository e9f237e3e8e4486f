using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Imaging;

namespace SketchFlow.Tests.Data.Images;

/// <summary>Mean and standard deviation equal those of a two-pass computation in double precision.</summary>
public sealed class ChannelHistogramsTests
{
    [Property(MaxTest = 60)]
    public Property One_pass_agrees_with_two_in_double_precision() => Prop.ForAll(TestImages.Any().Generator.ListOf(3).ToArbitrary(), pictures =>
    {
        var counts = new ChannelHistograms();
        foreach (var picture in pictures)
        {
            using var pixels = picture.ToPixels();
            counts.Add(pixels);
        }

        for (var channel = 0; channel < 3; channel++)
        {
            var values = pictures.SelectMany(p => p.Channels == 1 ? p.Bytes : p.Bytes.Where((_, i) => i % 3 == 2 - channel)).Select(b => b / 255.0).ToArray();
            var mean = values.Average();
            Assert.Equal(mean, counts.Mean[channel], 1e-12);
            Assert.Equal(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), counts.Std[channel], 1e-12);
            Assert.Equal(values.Length, counts.PixelCount);
        }
    });

    [Fact]
    public void No_image_has_no_mean() => Assert.Throws<InvalidOperationException>(() => new ChannelHistograms().Mean);

    [Fact(Timeout = 60_000)]
    public async Task The_flow_counts_every_image_and_lists_those_that_it_cannot_read()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var samples = new List<Sample>();
        var reference = new ChannelHistograms();
        for (var i = 0; i < 9; i++)
        {
            using var pixels = TestImages.RandomImage(40 + i, 30, i % 2 == 0 ? 1 : 3, i).ToPixels();
            var file = Path.Combine(folder.Root, $"{i}.png");
            ImageEncoder.Write(pixels, file);
            using var sized = PadResize.Letterbox(pixels, 32);
            reference.Add(sized);
            samples.Add(new Sample(i, $"{i}.png", file, 0));
        }

        samples.Insert(4, new Sample(99, "gone.png", Path.Combine(folder.Root, "gone.png"), 0));
        foreach (var workers in new[] { 1, 3 })
        {
            var options = new ImageFlowOptions { Preparation = new PadResizeOptions { Side = 32 }, Workers = workers };
            var found = DataStatistics.Measure(options, samples, NoProgress.Factory);
            Assert.Equal(reference.Mean, found.Mean);
            Assert.Equal(reference.Std, found.Std);
            Assert.Equal((9, 9 * 32 * 32), (found.Images, found.Pixels));
            Assert.Equal("gone.png", Assert.Single(found.Rejected).Path);
        }
    }
}

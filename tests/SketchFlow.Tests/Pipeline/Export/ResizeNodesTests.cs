using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Export;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>The preparation inside of a graph, run by ONNX Runtime, compared with <see cref="PadResize"/>.</summary>
public sealed class ResizeNodesTests
{
    /// <summary>Every treatment of the aspect ratio with every interpolation.</summary>
    public static TheoryData<ResizeMode, CropMode, Interpolation, Upsampling> Rules()
    {
        var rules = new TheoryData<ResizeMode, CropMode, Interpolation, Upsampling>();
        foreach (var fit in Enum.GetValues<ResizeMode>())
        {
            foreach (var crop in fit == ResizeMode.CentreCrop ? Enum.GetValues<CropMode>() : [CropMode.Center])
            {
                Enum.GetValues<Interpolation>().ToList().ForEach(interpolation => rules.Add(fit, crop, interpolation, Upsampling.Linear));
                rules.Add(fit, crop, Interpolation.Area, Upsampling.Cubic);
            }
        }

        return rules;
    }

    /// <summary>Noise shows every pixel that is moved or weighted otherwise.</summary>
    [Property(MaxTest = 60)]
    public void Noise_of_any_size_is_prepared_as_without_the_graph(int seed, PositiveInt width, PositiveInt height)
    {
        var random = new System.Random(seed);
        var rules = Rules().Select(row => row.Data).ToArray();
        var (fit, crop, interpolation, upsampling) = rules[random.Next(rules.Length)];
        var options = new PadResizeOptions
        {
            Side = 1 + random.Next(96),
            Fit = fit,
            CropMode = crop,
            Interpolation = interpolation,
            Upsampling = upsampling,
            Fill = (byte)random.Next(256),
            CropPercent = random.Next(2) == 0 ? 0.875 : 1,
        };
        using var image = Noise(1 + (width.Get * 7919 % 400), 1 + (height.Get * 104_729 % 400), random);
        var report = Compare([options], image, opset: 17 + random.Next(6));
        Assert.True(report.LargestDifference <= 2, $"{image} to {options}: {report}");
    }

    [Theory]
    [Long]
    [MemberData(nameof(Rules))]
    public void Sketches_are_prepared_as_without_the_graph(ResizeMode fit, CropMode crop, Interpolation interpolation, Upsampling upsampling)
    {
        var folder = Path.Combine(Reference.Folder, "data", "pacs-sketch", "test");
        string[] files = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where((_, i) => i % 100 == 0)];
        Assert.NotEmpty(files);
        foreach (var side in new[] { 64, 224, 288 })
        {
            var options = new PadResizeOptions { Side = side, Fit = fit, CropMode = crop, Interpolation = interpolation, Upsampling = upsampling };
            var reports = files.Select(file => Compare([options], Decode(file)!)).ToList();
            var (mean, largest) = (reports.Average(r => r.DifferingLevels), reports.Max(r => r.LargestDifference));
            Assert.True(mean <= (upsampling == Upsampling.Cubic ? 0.01 : 0.002) && largest <= 1, $"{options}: {mean}, {largest}");
        }
    }

    [Theory]
    [InlineData(ResizeMode.Letterbox, Interpolation.Area)]
    [InlineData(ResizeMode.Stretch, Interpolation.Area)]
    [InlineData(ResizeMode.CentreCrop, Interpolation.Area)]
    [InlineData(ResizeMode.CentreCrop, Interpolation.Bicubic)]
    public void Every_readable_case_is_prepared_as_without_the_graph(ResizeMode fit, Interpolation interpolation)
    {
        var options = new PadResizeOptions { Side = 96, Fit = fit, Interpolation = interpolation };
        var compared = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(Reference.Folder, "cases", "images")))
        {
            if (Decode(file) is { } image)
            {
                var report = Compare([options], image);
                Assert.True(report.LargestDifference <= 1 && report.DifferingLevels <= 0.002, $"{file} to {options}: {report}");
                compared++;
            }
        }

        Assert.InRange(compared, 9, 14);
    }

    [Fact]
    public void Several_sizes_share_one_input()
    {
        using var image = Noise(150, 90, new System.Random(1));
        var report = Compare([new() { Side = 64 }, new() { Side = 32, Fit = ResizeMode.Stretch, Interpolation = Interpolation.Bicubic }], image);
        Assert.InRange(report.LargestDifference, 0, 1);
    }

    private static Pixels Noise(int width, int height, System.Random random)
    {
        var bytes = new byte[3 * width * height];
        random.NextBytes(bytes);
        return Pixels.From(new Sample(0, "noise", "noise", null), width, height, 3, bytes);
    }

    private static Pixels? Decode(string file)
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(0, file, file, null));
        return outcome.Rejection is null ? outcome.Value : null;
    }

    private static ResizeReport Compare(PadResizeOptions[] options, Pixels image, int opset = 17)
    {
        using var whole = PreparedBatch.Stack([PreparedImage.FromPixels([], image.Clone())]);
        using var resized = PreparedBatch.Stack([PreparedImage.FromPixels(options, image.Clone())]);
        return ResizeCheck.Compare(options, [resized], [whole], opset);
    }
}

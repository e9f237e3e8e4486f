using System.Globalization;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Blur;
using SketchFlow.Imaging.Augmentation.Dropout;
using SketchFlow.Imaging.Augmentation.Noise;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using Scalar = OpenCvSharp.Scalar;
using Torch = TorchSharp.torch;

namespace SketchFlow.Benchmarks;

/// <summary>Single transforms on one thread and one grey drawing of 224 pixels, compared with the same work in bare OpenCvSharp calls.</summary>
/// <remarks>
/// Each category is a pair with the bare call as the baseline: Ratio is our time divided by its time. The bare calls reuse their Mats and kernels; our
/// transforms rent their output and return it. Random transforms use new random numbers in each call.
/// </remarks>
[Config(typeof(Table))]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[MemoryDiagnoser(displayGenColumns: false)]
public class TransformBenchmarks : IDisposable
{
    private const int Side = 224;

    private readonly Pixels _drawing = Draw(Side);
    private readonly Pixels _large = Draw(600);
    private readonly byte[] _table = LookupTables.BrightnessContrast(0.1, 0.1);
    private readonly byte[] _posterize = LookupTables.Posterize(5);
    private readonly byte[] _solarize = LookupTables.Solarize(180);
    private readonly Mat _source = new(Side, Side, MatType.CV_8UC1);
    private readonly Mat _largeSource = new(600, 600, MatType.CV_8UC1);
    private readonly Mat _target = new();
    private readonly Mat _second = new();
    private readonly Mat _float = new();
    private readonly Mat _noise = new(Side, Side, MatType.CV_16SC1);
    private readonly Mat _wide = new();
    private readonly CLAHE _clahe = Cv2.CreateCLAHE(2.5, new Size(8, 8));
    private readonly Mat _box = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(3, 3));
    private readonly Mat _motion = new(5, 5, MatType.CV_32FC1, Scalar.All(0));
    private readonly Mat _turn = Cv2.GetRotationMatrix2D(new Point2f(111.5F, 111.5F), 9.3, 1);
    private readonly Mat _shear = Mat.FromPixelData(2, 3, MatType.CV_64FC1, new[] { 1, 0.09, 0, 0, 1, 0 }).Clone();
    private readonly Mat _levels = new(1, 256, MatType.CV_32FC3);
    private readonly AugmentPlan _noisePlan = AugmentPlan.Compile([new GaussianNoise { P = 1 }]);
    private readonly AugmentPlan _motionPlan = AugmentPlan.Compile([new MotionBlur { P = 1, Kernel = 5 }]);
    private readonly AugmentPlan _dropoutPlan = AugmentPlan.Compile([new CoarseDropout { P = 1 }]);
    private readonly AugmentPlan _randPlan = AugmentPlan.Compile([new RandAugment()]);
    private readonly PixelBatch _batch;
    private readonly Random _random = new(1);
    private int _epoch;

    /// <summary>Copies the drawings into Mats; OpenCV and libtorch use one thread, as in a worker.</summary>
    public TransformBenchmarks()
    {
        Cv2.SetNumThreads(1);
        LibTorch.Load();
        Torch.set_num_threads(1);
        Marshal.Copy(_drawing.Buffer, 0, _source.Data, _drawing.Length);
        Marshal.Copy(_large.Buffer, 0, _largeSource.Data, _large.Length);
        for (var i = 0; i < 5; i++)
        {
            _motion.Set(2, i, 0.2F);
        }

        for (var i = 0; i < 256; i++)
        {
            var level = i / 255F;
            _levels.Set(0, i, new Vec3f((level - 0.406F) / 0.225F, (level - 0.456F) / 0.224F, (level - 0.485F) / 0.229F));
        }

        _batch = PixelBatch.Stack([Draw(Side)]);
    }

    [BenchmarkCategory("flip"), Benchmark]
    public void Flip() => AffineWarp.Run(_drawing, AffineMap.FlipX(Side), new(Side, Side)).Dispose();

    [BenchmarkCategory("flip"), Benchmark(Baseline = true)]
    public void FlipBare() => Cv2.Flip(_source, _target, FlipMode.Y);

    [BenchmarkCategory("rotate"), Benchmark]
    public void Rotate() => AffineWarp.Run(_drawing, AffineMap.Rotation(new(Side, Side), 9.3), new(Side, Side)).Dispose();

    [BenchmarkCategory("rotate"), Benchmark(Baseline = true)]
    public void RotateBare() => Cv2.WarpAffine(_source, _target, _turn, new Size(Side, Side), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.White);

    [BenchmarkCategory("CLAHE"), Benchmark]
    public void Clahe() => HistogramEqualization.Clahe(_drawing, 2.5, 8, 8).Dispose();

    [BenchmarkCategory("CLAHE"), Benchmark(Baseline = true)]
    public void ClaheBare() => _clahe.Apply(_source, _target);

    [BenchmarkCategory("erosion"), Benchmark]
    public void Erosion() => MorphologicalFilters.Erode(_drawing, 3, 3).Dispose();

    [BenchmarkCategory("erosion"), Benchmark(Baseline = true)]
    public void ErosionBare() => Cv2.Erode(_source, _target, _box);

    [BenchmarkCategory("dilation"), Benchmark]
    public void Dilation() => MorphologicalFilters.Dilate(_drawing, 3, 3).Dispose();

    [BenchmarkCategory("dilation"), Benchmark(Baseline = true)]
    public void DilationBare() => Cv2.Dilate(_source, _target, _box);

    /// <summary>Compared with a plain dilation, because no bare call does the same.</summary>
    [BenchmarkCategory("thin by stroke"), Benchmark]
    public void Thin() => StrokeWidth.Thin(_drawing, 1).Dispose();

    [BenchmarkCategory("thin by stroke"), Benchmark(Baseline = true)]
    public void ThinBare() => Cv2.Dilate(_source, _target, _box);

    [BenchmarkCategory("motion blur"), Benchmark]
    public void MotionBlur() => _motionPlan.Apply(_drawing, 1, _epoch++).Dispose();

    [BenchmarkCategory("motion blur"), Benchmark(Baseline = true)]
    public void MotionBlurBare() => Cv2.Filter2D(_source, _target, -1, _motion);

    [BenchmarkCategory("Gaussian noise"), Benchmark]
    public void GaussianNoise() => _noisePlan.Apply(_drawing, 1, _epoch++).Dispose();

    [BenchmarkCategory("Gaussian noise"), Benchmark(Baseline = true)]
    public void GaussianNoiseBare()
    {
        Cv2.Randn(_noise, Scalar.All(0), Scalar.All(5));
        _source.ConvertTo(_wide, MatType.CV_16SC1);
        Cv2.Add(_wide, _noise, _wide);
        _wide.ConvertTo(_target, MatType.CV_8UC1);
    }

    [BenchmarkCategory("coarse dropout"), Benchmark]
    public void CoarseDropout() => _dropoutPlan.Apply(_drawing, 1, _epoch++).Dispose();

    [BenchmarkCategory("coarse dropout"), Benchmark(Baseline = true)]
    public void CoarseDropoutBare()
    {
        _source.CopyTo(_target);
        for (var i = 0; i < 3; i++)
        {
            Cv2.Rectangle(_target, new Rect(20 + (60 * i), 50, 22, 22), Scalar.White, -1);
        }
    }

    [BenchmarkCategory("brightness-contrast"), Benchmark]
    public void BrightnessContrast() => LookupTables.Apply(_drawing, _table).Dispose();

    [BenchmarkCategory("brightness-contrast"), Benchmark(Baseline = true)]
    public void BrightnessContrastBare() => Cv2.LUT(_source, _table, _target);

    /// <summary>Bytes to three normalised float channels, interleaved: a batch of one image.</summary>
    [BenchmarkCategory("normalise"), Benchmark]
    public void NormaliseOurs() => Normalize.ToDevice(_batch, Preprocessing.ImageNet, Torch.CPU).Dispose();

    [BenchmarkCategory("normalise"), Benchmark(Baseline = true)]
    public void NormaliseBare()
    {
        // One table of 256 floats for each channel; subtracting and multiplying by scalars took many times as long.
        Cv2.CvtColor(_source, _target, ColorConversionCodes.GRAY2BGR);
        Cv2.LUT(_target, _levels, _float);
    }

    /// <summary>From 600 pixels to 224.</summary>
    [BenchmarkCategory("resize"), Benchmark]
    public void Resize() => PadResize.Letterbox(_large, Side).Dispose();

    [BenchmarkCategory("resize"), Benchmark(Baseline = true)]
    public void ResizeBare() => Cv2.Resize(_largeSource, _target, new Size(Side, Side), 0, 0, InterpolationFlags.Area);

    [BenchmarkCategory("RandAugment"), Benchmark]
    public void RandAugmentOurs() => _randPlan.Apply(_drawing, 1, _epoch++).Dispose();

    /// <summary>Two of the fourteen operations by the most similar calls, at fixed strengths.</summary>
    [BenchmarkCategory("RandAugment"), Benchmark(Baseline = true)]
    public void RandAugmentBare()
    {
        Bare(_random.Next(14), _source, _second);
        Bare(_random.Next(14), _second, _target);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IDisposable[] owned =
        [
            _drawing, _large, _batch, _source, _largeSource, _target, _second, _float, _noise, _wide, _clahe, _box, _motion, _turn, _shear, _levels,
        ];
        foreach (var one in owned)
        {
            one.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private void Bare(int operation, Mat from, Mat to)
    {
        switch (operation)
        {
            case 0: // identity; 7 is colour, which does not change grey
            case 7:
                from.CopyTo(to);
                break;
            case 1 or 2 or 3 or 4:
                Cv2.WarpAffine(from, to, _shear, new Size(Side, Side), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.White);
                break;
            case 5:
                Cv2.WarpAffine(from, to, _turn, new Size(Side, Side), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.White);
                break;
            case 6 or 8:
                from.ConvertTo(to, -1, 1.2);
                break;
            case 9:
                Cv2.Blur(from, to, new Size(3, 3));
                Cv2.AddWeighted(from, 1.3, to, -0.3, 0, to);
                break;
            case 10:
                Cv2.LUT(from, _posterize, to);
                break;
            case 11:
                Cv2.LUT(from, _solarize, to);
                break;
            case 12:
                Cv2.Normalize(from, to, 0, 255, NormTypes.MinMax);
                break;
            default:
                Cv2.EqualizeHist(from, to);
                break;
        }
    }

    // Lines on slightly uneven paper, like a scan.
    private static Pixels Draw(int side)
    {
        var pixels = Pixels.Rent(new Sample(7, "drawing", "drawing", null), side, side, 1);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var line = Math.Abs(x - y) < 2 || Math.Abs(x - (side / 3)) < 2 || Math.Abs(((x - 90) * (x - 90)) + ((y - 120) * (y - 120)) - 2500) < 120;
                pixels.Bytes[(y * side) + x] = line ? (byte)(30 + (x % 9)) : (byte)(247 + ((x * 7) + (y * 3)) % 9);
            }
        }

        return pixels;
    }

    /// <summary>Short runs in this process, with images per second.</summary>
    private sealed class Table : ManualConfig
    {
        public Table()
        {
            // In this process, because a child build would need the native libraries.
            AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
            AddColumn(new ImagesPerSecond(), CategoriesColumn.Default);
            HideColumns(Column.Error, Column.RatioSD, Column.Job, Column.IterationCount, Column.LaunchCount, Column.WarmupCount, Column.Toolchain);
        }
    }

    private sealed class ImagesPerSecond : IColumn
    {
        public string Id => nameof(ImagesPerSecond);

        public string ColumnName => "Images/s";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Statistics;

        public int PriorityInCategory => 100;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "Images per second on one thread: 1 / Mean";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
            summary[benchmarkCase]?.ResultStatistics is { } found ? (1e9 / found.Mean).ToString("N0", CultureInfo.InvariantCulture) : "-";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}

using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using OpenCvSharp;
using SketchFlow.Imaging;
using SketchFlow.Samples;

namespace SketchFlow.Benchmarks;

/// <summary>Single transforms on one thread and one grey drawing of 224 pixels, beside the same work in bare OpenCvSharp calls.</summary>
/// <remarks>1 / mean is images a second. The bare calls reuse their Mats and kernels; ours rent their output and give it back.</remarks>
[ShortRunJob]
[MemoryDiagnoser]
public class TransformBenchmarks : IDisposable
{
    private const int Side = 224;

    private readonly Pixels _drawing = Draw(Side);
    private readonly Pixels _large = Draw(600);
    private readonly byte[] _table = Augment.BrightnessContrastTable(0.1, 0.1);
    private readonly Mat _source = new(Side, Side, MatType.CV_8UC1);
    private readonly Mat _largeSource = new(600, 600, MatType.CV_8UC1);
    private readonly Mat _target = new();
    private readonly Mat _float = new();
    private readonly Mat _noise = new(Side, Side, MatType.CV_16SC1);
    private readonly Mat _wide = new();
    private readonly CLAHE _clahe = Cv2.CreateCLAHE(2.5, new Size(8, 8));
    private readonly Mat _box = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(3, 3));
    private readonly Mat _motion = new(5, 5, MatType.CV_32FC1, Scalar.All(0));
    private readonly Mat _turn = Cv2.GetRotationMatrix2D(new Point2f(111.5F, 111.5F), 9.3, 1);
    private readonly AugmentPlan _noisePlan = AugmentPlan.Compile([new GaussianNoise { P = 1 }]);
    private readonly AugmentPlan _motionPlan = AugmentPlan.Compile([new MotionBlur { P = 1, Kernel = 5 }]);
    private readonly AugmentPlan _dropoutPlan = AugmentPlan.Compile([new CoarseDropout { P = 1 }]);
    private readonly AugmentPlan _randPlan = AugmentPlan.Compile([new RandAugment()]);
    private int _epoch;

    /// <summary>Copies the drawings into Mats; OpenCV on one thread, as within a worker.</summary>
    public TransformBenchmarks()
    {
        Cv2.SetNumThreads(1);
        Marshal.Copy(_drawing.Buffer, 0, _source.Data, _drawing.Length);
        Marshal.Copy(_large.Buffer, 0, _largeSource.Data, _large.Length);
        for (var i = 0; i < 5; i++)
        {
            _motion.Set(2, i, 0.2F);
        }
    }

    [Benchmark]
    public void Flip() => Augment.Warp(_drawing, new Act.Warp(AffineMap.FlipX(Side), new(Side, Side))).Dispose();

    [Benchmark]
    public void FlipBare() => Cv2.Flip(_source, _target, FlipMode.Y);

    [Benchmark]
    public void Rotate() => Augment.Warp(_drawing, new Act.Warp(AffineMap.Turn(new(Side, Side), 9.3), new(Side, Side))).Dispose();

    [Benchmark]
    public void RotateBare() => Cv2.WarpAffine(_source, _target, _turn, new Size(Side, Side), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.White);

    [Benchmark]
    public void Clahe() => Augment.Clahe(_drawing, 2.5, 8, 8).Dispose();

    [Benchmark]
    public void ClaheBare() => _clahe.Apply(_source, _target);

    [Benchmark]
    public void Erosion() => Augment.Erode(_drawing, 3, 3).Dispose();

    [Benchmark]
    public void ErosionBare() => Cv2.Erode(_source, _target, _box);

    [Benchmark]
    public void Dilation() => Augment.Dilate(_drawing, 3, 3).Dispose();

    [Benchmark]
    public void DilationBare() => Cv2.Dilate(_source, _target, _box);

    [Benchmark]
    public void MotionBlur() => _motionPlan.Apply(_drawing, 1, _epoch++).Dispose();

    [Benchmark]
    public void MotionBlurBare() => Cv2.Filter2D(_source, _target, -1, _motion);

    [Benchmark]
    public void GaussianNoise() => _noisePlan.Apply(_drawing, 1, _epoch++).Dispose();

    [Benchmark]
    public void GaussianNoiseBare()
    {
        Cv2.Randn(_noise, Scalar.All(0), Scalar.All(5));
        _source.ConvertTo(_wide, MatType.CV_16SC1);
        Cv2.Add(_wide, _noise, _wide);
        _wide.ConvertTo(_target, MatType.CV_8UC1);
    }

    [Benchmark]
    public void CoarseDropout() => _dropoutPlan.Apply(_drawing, 1, _epoch++).Dispose();

    [Benchmark]
    public void CoarseDropoutBare()
    {
        _source.CopyTo(_target);
        for (var i = 0; i < 3; i++)
        {
            Cv2.Rectangle(_target, new Rect(20 + (60 * i), 50, 22, 22), Scalar.White, -1);
        }
    }

    [Benchmark]
    public void BrightnessContrast() => Augment.Map(_drawing, _table).Dispose();

    [Benchmark]
    public void BrightnessContrastBare() => Cv2.LUT(_source, _table, _target);

    [Benchmark]
    public void Resize() => PadResize.Letterbox(_large, Side).Dispose();

    [Benchmark]
    public void ResizeBare() => Cv2.Resize(_largeSource, _target, new Size(Side, Side), 0, 0, InterpolationFlags.Area);

    [Benchmark]
    public void RandAugment() => _randPlan.Apply(_drawing, 1, _epoch++).Dispose();

    /// <summary>To three normalised float channels, interleaved; ours happens with the batch, on the device, and is measured by bench train.</summary>
    [Benchmark]
    public void NormalizeBare()
    {
        Cv2.CvtColor(_source, _target, ColorConversionCodes.GRAY2BGR);
        _target.ConvertTo(_float, MatType.CV_32FC3, 1 / (255 * 0.226), -0.449 / 0.226);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in new IDisposable[] { _drawing, _large, _source, _largeSource, _target, _float, _noise, _wide, _clahe, _box, _motion, _turn })
        {
            one.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    // Lines on paper that is not quite even, as scans are.
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
}

using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using Torch = TorchSharp.torch;

namespace SketchFlow.Benchmarks;

/// <summary>Depthwise convolutions, forward and backward, compared with libtorch's own: 8 images, channels last.</summary>
/// <remarks>
/// The sizes are those of convnext_tiny (7 x 7) and efficientnet_b0 (5 x 5 and 3 x 3) at 224 pixels. With bf16, libtorch's own gets bf16 tensors.
/// </remarks>
[Config(typeof(Table))]
public class DepthwiseBenchmarks : IDisposable
{
    private IDisposable? _kept;
    private Torch.Tensor _x = null!;
    private Torch.Tensor _weight = null!;
    private Torch.Tensor _gradient = null!;
    private Layer _layer = null!;
    private ForwardContext _pass = null!;
    private long[] _strides = null!;
    private long[] _paddings = null!;

    /// <summary>Channels, side in pixels, kernel, stride.</summary>
    [Params("96 56 7 1", "192 28 7 1", "384 14 7 1", "768 7 7 1", "240 28 5 1", "144 56 5 2", "144 56 3 1", "96 112 3 2")]
    public string Size { get; set; } = "";

    /// <summary>Type of the images and gradients.</summary>
    [Params(Torch.ScalarType.Float32, Torch.ScalarType.BFloat16)]
    public Torch.ScalarType Type { get; set; }

    [GlobalSetup]
    public void Set()
    {
        LibTorch.Load();
        _kept = GlibcHeap.KeepFreedMemory();
        var size = Size.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var (channels, side, kernel, stride) = (size[0], size[1], size[2], size[3]);
        (_strides, _paddings) = ([stride, stride], [kernel / 2, kernel / 2]);
        _x = Torch.randn(8, side, side, channels).to(Type).permute(0, 3, 1, 2).requires_grad_(true);
        _weight = Torch.randn(channels, 1, kernel, kernel).requires_grad_(true);
        _layer = Nn.Conv2d(ParameterScope.Root()["conv"], channels, channels, new() { Kernel = kernel, Stride = stride, Groups = channels });
        _pass = new ForwardContext([_weight]) { Training = true };
        using var y = Library();
        _gradient = Torch.randn(8, y.shape[2], y.shape[3], channels).to(Type).permute(0, 3, 1, 2);
    }

    [Benchmark(Baseline = true)]
    public void Libtorch()
    {
        using var scope = Torch.NewDisposeScope();
        Torch.autograd.grad([Library()], [_x, _weight], [_gradient]);
    }

    [Benchmark]
    public void SketchFlow()
    {
        using var scope = Torch.NewDisposeScope();
        Torch.Tensor y;
        using (Autocast.Enter(TorchSharp.DeviceType.CPU, Type == Torch.ScalarType.Float32 ? null : Type))
        {
            y = _layer(_pass, new(_x)).Tensor;
        }

        Torch.autograd.grad([y], [_x, _weight], [_gradient]);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _kept?.Dispose();
        _kept = null;
        GC.SuppressFinalize(this);
    }

    private Torch.Tensor Library() => Torch.nn.functional.conv2d(_x, _weight.to(Type), null, _strides, _paddings, [1, 1], _x.shape[1]);

    private sealed class Table : ManualConfig
    {
        public Table()
        {
            AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
            HideColumns(Column.Error, Column.StdDev, Column.RatioSD, Column.Job, Column.Toolchain);
            HideColumns(Column.IterationCount, Column.LaunchCount, Column.WarmupCount);
        }
    }
}

using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Tests.Learning.Models.Layers;

/// <summary>Compares our gradients of depthwise convolutions with autograd's through libtorch's convolution in float64.</summary>
public sealed class DepthwiseConv2dTests
{
    // Eleven parameters: a record of independent values, which FsCheck generates and prints.
    public sealed record Case(
        int Images, int Channels, int Height, int Width, int Rows, int Columns, int Stride, int Padding, bool Bias, bool ChannelsLast, int Seed)
    {
        public Layer Layer(out ForwardContext pass, out torch.Tensor weight, out torch.Tensor? bias)
        {
            var layer = Nn.Conv2d(ParameterScope.Root()["conv"], Channels, Channels, new()
            {
                Kernel = Rows,
                KernelWidth = Columns,
                Stride = Stride,
                Padding = Padding,
                Groups = Channels,
                Bias = Bias,
            });
            torch.manual_seed(Seed);
            weight = torch.randn(Channels, 1, Rows, Columns).requires_grad_(true);
            bias = Bias ? torch.randn(Channels).requires_grad_(true) : null;
            pass = new ForwardContext(bias is null ? [weight] : [weight, bias]) { Training = true };
            return layer;
        }

        public torch.Tensor Input(torch.ScalarType type = torch.ScalarType.Float32)
        {
            var x = torch.randn(Images, Channels, Height, Width).to(type);
            return (ChannelsLast ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x).requires_grad_(true);
        }
    }

    public static Arbitrary<Case> Cases() =>
        (from images in Gen.Choose(1, 3)
         from channels in Gen.Choose(2, 40)
         from rows in Gen.Elements(1, 2, 3, 5, 7, 9)
         from columns in Gen.Elements(1, 2, 3, 4, 5, 7, 9, 11)
         from height in Gen.Choose(rows, rows + 9)
         from width in Gen.Choose(columns, columns + 9)
         from stride in Gen.Choose(1, 3)
         from padding in Gen.Choose(0, 6)
         from bias in Gen.Elements(false, true)
         from last in Gen.Elements(true, true, false)
         from seed in Gen.Choose(0, 1000)
         select new Case(images, channels, height, width, rows, columns, stride, padding, bias, last, seed)).ToArbitrary();

    [Property(MaxTest = 150)]
    public Property Gradients_are_those_of_float64() => Prop.ForAll(Cases(), c =>
    {
        using var scope = torch.NewDisposeScope();
        var layer = c.Layer(out var pass, out var weight, out var bias);
        var x = c.Input();
        var y = layer.Compute(pass, x);
        var g = torch.randn(y.shape);
        y.backward([g]);
        var (x64, w64, b64) = (Twin(x), Twin(weight), bias is null ? null : Twin(bias));
        var y64 = F.conv2d(x64, w64, b64, [c.Stride, c.Stride], [c.Padding, c.Padding], [1, 1], c.Channels);
        y64.backward([g.to(torch.ScalarType.Float64)]);
        var near = Near(y, y64, 1e-5) && Near(x.grad!, x64.grad!, 1e-5) && Near(weight.grad!, w64.grad!, 1e-5)
            && (bias is null || Near(bias.grad!, b64!.grad!, 1e-5));
        return near.Label($"{y.shape.Length} {Worst(x.grad!, x64.grad!)} {Worst(weight.grad!, w64.grad!)}");
    });

    [Property(MaxTest = 40)]
    public Property Under_bfloat16_large_and_strided_kernels_sum_in_float32_and_all_gradients_are_within_rounding(bool inputIsHalf) => Prop.ForAll(Cases(), c =>
    {
        using var scope = torch.NewDisposeScope();
        var layer = c.Layer(out var pass, out var weight, out var bias);
        var x = c.Input(inputIsHalf ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32);
        torch.Tensor y;
        using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16))
        {
            y = layer.Compute(pass, x);
        }

        var g = torch.randn(y.shape).to(torch.ScalarType.BFloat16);
        y.backward([g]);
        var (x64, w64, b64) = (Twin(x), Twin(weight), bias is null ? null : Twin(bias));
        F.conv2d(x64, w64, b64, [c.Stride, c.Stride], [c.Padding, c.Padding], [1, 1], c.Channels).backward([g.to(torch.ScalarType.Float64)]);

        // Small kernels with stride 1 use libtorch's gradient, in bfloat16 throughout.
        var exact = c.Rows * c.Columns > 9 || c.Stride > 1 ? 1e-5 : 0.02;

        // The weight's gradient is computed from exact inputs; the input's gradient is rounded, as are the weights it is computed from.
        return y.dtype == torch.ScalarType.BFloat16 && x.grad!.dtype == x.dtype && weight.grad!.dtype == torch.ScalarType.Float32
            && Near(weight.grad!, w64.grad!, exact) && (bias is null || Near(bias.grad!, b64!.grad!, exact)) && Near(x.grad!, x64.grad!, 0.02);
    });

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        var c = new Case(3, 75, 28, 27, 7, 7, 1, 3, true, true, 1);
        var own = ComputeThreads.Count;
        try
        {
            var bits = new[] { 1, 2, 5 }.Select(threads =>
            {
                ComputeThreads.Count = threads;
                using var scope = torch.NewDisposeScope();
                var layer = c.Layer(out var pass, out var weight, out var bias);
                layer.Compute(pass, c.Input()).pow(Keep(2)).sum().backward();
                return Convert.ToHexString(weight.grad!.bytes) + Convert.ToHexString(bias!.grad!.bytes);
            }).Distinct();
            Assert.Single(bits);
        }
        finally
        {
            ComputeThreads.Count = own;
        }
    }

    [Fact]
    public void Frozen_tensors_get_no_gradient_and_the_others_are_unchanged()
    {
        using var scope = torch.NewDisposeScope();
        var c = new Case(2, 20, 9, 9, 5, 5, 1, 2, false, true, 2);
        var layer = c.Layer(out var pass, out var weight, out _);
        var x = c.Input();
        layer.Compute(pass, x).sum().backward();
        var (inputGradient, weightGradient) = (x.grad!.clone(), weight.grad!.clone());
        var frozen = new ForwardContext([weight.detach()]) { Training = true };
        var again = x.detach().requires_grad_(true);
        layer.Compute(frozen, again).sum().backward();
        Assert.True(again.grad!.equal(inputGradient).all().item<bool>());
        var other = weight.detach().requires_grad_(true);
        layer.Compute(new ForwardContext([other]) { Training = true }, x.detach()).sum().backward();
        Assert.True(other.grad!.equal(weightGradient).all().item<bool>());

        var bias = torch.zeros(20).requires_grad_(true);
        var withBias = (c with { Bias = true }).Layer(out _, out _, out _);
        withBias.Compute(new ForwardContext([weight.detach(), bias]) { Training = true }, x.detach()).sum().backward();
        Assert.Equal(2 * 9 * 9, bias.grad!.mean().item<float>());
    }

    private static torch.Tensor Twin(torch.Tensor x) => x.detach().to(torch.ScalarType.Float64).requires_grad_(true);

    private static double Worst(torch.Tensor found, torch.Tensor expected) => (found.to(torch.ScalarType.Float64) - expected).abs().max().item<double>();

    // As a share of the largest value: sums of many products are small here and there by chance.
    private static bool Near(torch.Tensor found, torch.Tensor expected, double share) =>
        found.shape.SequenceEqual(expected.shape) && Worst(found, expected) <= share * Math.Max(1, expected.abs().max().item<double>());
}

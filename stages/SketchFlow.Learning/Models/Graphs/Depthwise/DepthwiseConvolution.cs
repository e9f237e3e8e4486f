using System.Runtime.InteropServices;
using SketchFlow.Learning.Precision;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs.Depthwise;

/// <summary>
/// libtorch's depthwise convolution with our own gradients: at stride 1 the input's gradient is the convolution of the output's gradient
/// with the flipped kernel, which is as fast as the forward pass; <see cref="DepthwiseGradient"/> computes the gradients of weight and bias.
/// </summary>
internal sealed class DepthwiseConvolution : torch.autograd.SingleTensorFunction<DepthwiseConvolution>
{
    private const string Work = "work";

    [ThreadStatic]
    private static List<torch.Tensor>? t_previousGradients;

    public override string Name => nameof(DepthwiseConvolution);

    /// <summary>
    /// Returns whether this class computes the gradient instead of libtorch: on a CPU, in the types that it supports, and for the sizes where
    /// it is faster (docs/measurements/training.md).
    /// </summary>
    /// <param name="x">Input (N, C, H, W).</param>
    /// <param name="weight">Weight of the convolution, depthwise if it is (C, 1, kH, kW).</param>
    /// <param name="stride">Stride in rows and columns.</param>
    public static bool IsFaster(torch.Tensor x, torch.Tensor weight, long stride)
    {
        if (!torch.is_grad_enabled() || x.device_type != DeviceType.CPU || weight.dtype != torch.ScalarType.Float32
            || x.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.BFloat16))
        {
            return false;
        }

        // oneDNN has optimised gradients for 3 x 3 kernels, but not in bfloat16 with strides above 1.
        var type = Autocast.Current(DeviceType.CPU) ?? x.dtype;
        return weight.shape[2] * weight.shape[3] > 9
            ? type is torch.ScalarType.Float32 or torch.ScalarType.BFloat16
            : type == torch.ScalarType.BFloat16 && stride > 1;
    }

    /// <summary>Convolves x (N, C, H, W) with weight (C, 1, kH, kW), bias (C) or null, stride and paddings.</summary>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, bias) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor?)vars[2]);
        var (stride, paddings) = ((long)vars[3], (long[])vars[4]);
        ctx.save_for_backward([x, weight]);
        ctx.save_data(Work, (stride, paddings, x.requires_grad, weight.requires_grad || bias?.requires_grad == true, bias is not null));
        return F.conv2d(x, weight, bias, [stride, stride], paddings, [1, 1], x.shape[1]);
    }

    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        using var paused = Autocast.Suspend(grad_output.device_type);
        var (stride, paddings, needsInput, needsWeight, hasBias) = ((long, long[], bool, bool, bool))ctx.get_data(Work);
        var saved = ctx.get_saved_variables();
        var (x, weight) = (saved[0], saved[1]);
        var input = needsInput ? InputGradient(x, weight, grad_output, stride, paddings) : null;
        var (weights, bias) = needsWeight ? WeightGradient(x, weight, grad_output, (int)stride, paddings, hasBias) : default;

        // The autograd engine keeps what it needs; undisposed handles here would keep each layer's gradients until the end of the step.
        grad_output.Dispose();
        t_previousGradients?.ForEach(t => t.Dispose());
        t_previousGradients = new[] { input, weights, bias }.OfType<torch.Tensor>().Select(t => t.DetachFromDisposeScope()).ToList();
        return [input!, weights!, bias!, null!, null!];
    }

    private static torch.Tensor InputGradient(torch.Tensor x, torch.Tensor weight, torch.Tensor gradient, long stride, long[] paddings)
    {
        var kernel = weight.shape[2..];
        var flippedPaddings = Enumerable.Range(0, 2).Select(d => kernel[d] - 1 - paddings[d]).ToArray();
        if (stride == 1 && flippedPaddings.All(p => p >= 0))
        {
            return F.conv2d(gradient, weight.detach().to(gradient.dtype).flip(2, 3), null, [1, 1], flippedPaddings, [1, 1], x.shape[1]);
        }

        // oneDNN's transposed convolution takes fifteen times as long in bfloat16 as in float32.
        var (wide, kernels) = (gradient.to(torch.ScalarType.Float32), weight.detach());
        var outputPaddings = Enumerable.Range(0, 2)
            .Select(d => x.shape[d + 2] - (((gradient.shape[d + 2] - 1) * stride) - (2 * paddings[d]) + kernel[d]))
            .ToArray();
        return F.conv_transpose2d(wide, kernels, null, [stride, stride], paddings, outputPaddings, [1, 1], x.shape[1]);
    }

    private static unsafe (torch.Tensor Weight, torch.Tensor? Bias) WeightGradient(
        torch.Tensor x, torch.Tensor weight, torch.Tensor gradient, int stride, long[] paddings, bool hasBias)
    {
        // Views, without a copy, if the tensors are in channels-last memory already.
        var (images, gradients) = (x.detach().permute(0, 2, 3, 1).contiguous(), gradient.detach().permute(0, 2, 3, 1).contiguous());
        var shape = new DepthwiseShape(
            (int)x.shape[0], (int)x.shape[1], Last(x), Last(gradient), Last(weight), stride, ((int)paddings[0], (int)paddings[1]));
        var (ofWeight, ofBias) = (torch.empty(weight.shape), hasBias ? torch.empty(x.shape[1]) : null);
        fixed (byte* input = images.bytes, output = gradients.bytes)
        {
            DepthwiseGradient.Compute(
                shape,
                new((nint)input, images.dtype == torch.ScalarType.BFloat16),
                new((nint)output, gradients.dtype == torch.ScalarType.BFloat16),
                MemoryMarshal.Cast<byte, float>(ofWeight.bytes),
                ofBias is null ? [] : MemoryMarshal.Cast<byte, float>(ofBias.bytes));
        }

        // Outside a scope, a garbage collection would free copies whose memory is still read.
        GC.KeepAlive(images);
        GC.KeepAlive(gradients);
        return (ofWeight, ofBias);

        static (int Rows, int Columns) Last(torch.Tensor t) => ((int)t.shape[2], (int)t.shape[3]);
    }
}

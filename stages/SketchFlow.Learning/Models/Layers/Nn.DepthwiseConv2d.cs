using System.Runtime.InteropServices;
using SketchFlow.Learning.Precision;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Whether <see cref="DepthwiseConvolution"/> is to learn in place of libtorch's: on a processor, in the types it reads, where it is the faster (docs/training.md).</summary>
    private static bool LearnsDepthwise(ForwardContext pass, torch.Tensor x, torch.Tensor weight, long stride)
    {
        if (!pass.Training || !torch.is_grad_enabled() || x.device_type != DeviceType.CPU || weight.dtype != torch.ScalarType.Float32
            || x.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.BFloat16))
        {
            return false;
        }

        // oneDNN has gradients made for kernels of 3 x 3, but none in bfloat16 for steps of more than one pixel.
        var type = Autocast.Current(DeviceType.CPU) ?? x.dtype;
        return weight.shape[2] * weight.shape[3] > 9
            ? type is torch.ScalarType.Float32 or torch.ScalarType.BFloat16
            : type == torch.ScalarType.BFloat16 && stride > 1;
    }

    /// <summary>
    /// libtorch's depthwise convolution with gradients of our own: the input's by the convolution of the gradient with the turned kernel where the
    /// stride is 1, which is as fast as the way forward, the weights' and the bias's by <see cref="DepthwiseGradient"/>.
    /// </summary>
    private sealed class DepthwiseConvolution : torch.autograd.SingleTensorFunction<DepthwiseConvolution>
    {
        private const string Work = "work";

        [ThreadStatic]
        private static List<torch.Tensor>? t_last;

        public override string Name => nameof(DepthwiseConvolution);

        /// <summary>From x (N, C, H, W), weight (C, 1, kH, kW), bias (C) or null, stride and paddings.</summary>
        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, bias, stride, paddings) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor?)vars[2], (long)vars[3], (long[])vars[4]);
            ctx.save_for_backward([x, weight]);
            ctx.save_data(Work, (stride, paddings, x.requires_grad, weight.requires_grad || bias?.requires_grad == true, bias is not null));
            return F.conv2d(x, weight, bias, [stride, stride], paddings, [1, 1], x.shape[1]);
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            using var scope = torch.NewDisposeScope();
            using var paused = Autocast.Suspend(grad_output.device_type);
            var (stride, paddings, ofInput, ofWeight, hasBias) = ((long, long[], bool, bool, bool))ctx.get_data(Work);
            var saved = ctx.get_saved_variables();
            var (x, weight) = (saved[0], saved[1]);
            var input = ofInput ? OfInput(x, weight, grad_output, stride, paddings) : null;
            var (weights, bias) = ofWeight ? OfWeight(x, weight, grad_output, (int)stride, paddings, hasBias) : default;

            // The engine holds on to what it needs. Our handles would keep each layer's gradients to the end of the step.
            grad_output.Dispose();
            t_last?.ForEach(t => t.Dispose());
            t_last = new[] { input, weights, bias }.OfType<torch.Tensor>().Select(t => t.DetachFromDisposeScope()).ToList();
            return [input!, weights!, bias!, null!, null!];
        }

        private static torch.Tensor OfInput(torch.Tensor x, torch.Tensor weight, torch.Tensor gradient, long stride, long[] paddings)
        {
            var kernel = weight.shape[2..];
            var turned = Enumerable.Range(0, 2).Select(d => kernel[d] - 1 - paddings[d]).ToArray();
            if (stride == 1 && turned.All(p => p >= 0))
            {
                return F.conv2d(gradient, weight.detach().to(gradient.dtype).flip(2, 3), null, [1, 1], turned, [1, 1], x.shape[1]);
            }

            // In bfloat16 oneDNN takes fifteen times as long for it as in float32.
            var (wide, kernels) = (gradient.to(torch.ScalarType.Float32), weight.detach());
            var rest = Enumerable.Range(0, 2).Select(d => x.shape[d + 2] - (((gradient.shape[d + 2] - 1) * stride) - (2 * paddings[d]) + kernel[d])).ToArray();
            return F.conv_transpose2d(wide, kernels, null, [stride, stride], paddings, rest, [1, 1], x.shape[1]);
        }

        private static unsafe (torch.Tensor Weight, torch.Tensor? Bias) OfWeight(
            torch.Tensor x, torch.Tensor weight, torch.Tensor gradient, int stride, long[] paddings, bool hasBias)
        {
            // Views of what is in channels-last memory already.
            var (from, by) = (x.detach().permute(0, 2, 3, 1).contiguous(), gradient.detach().permute(0, 2, 3, 1).contiguous());
            var shape = new DepthwiseShape(
                (int)x.shape[0], (int)x.shape[1], Last(x), Last(gradient), Last(weight), stride, ((int)paddings[0], (int)paddings[1]));
            var (ofWeight, ofBias) = (torch.empty(weight.shape), hasBias ? torch.empty(x.shape[1]) : null);
            fixed (byte* input = from.bytes, output = by.bytes)
            {
                DepthwiseGradient.Run(
                    shape,
                    new((nint)input, from.dtype == torch.ScalarType.BFloat16),
                    new((nint)output, by.dtype == torch.ScalarType.BFloat16),
                    MemoryMarshal.Cast<byte, float>(ofWeight.bytes),
                    ofBias is null ? [] : MemoryMarshal.Cast<byte, float>(ofBias.bytes));
            }

            return (ofWeight, ofBias);

            static (int Rows, int Columns) Last(torch.Tensor t) => ((int)t.shape[2], (int)t.shape[3]);
        }
    }
}

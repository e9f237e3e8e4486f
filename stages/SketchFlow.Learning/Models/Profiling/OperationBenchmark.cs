using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// One of a model's convolutions, matrix products or attentions alone: libtorch's bare call over operands of the same shapes, places in
/// memory and type, so that its time can be held against the model's. One thread owns it.
/// </summary>
/// <remarks>Under bfloat16 and float16 the operands are of that type from the start; casting them is the model's work, not the call's.</remarks>
public sealed class OperationBenchmark : IDisposable
{
    private readonly TracedOperation _operation;
    private readonly torch.Tensor[] _operands;
    private readonly torch.Tensor? _bias;
    private readonly torch.Tensor[] _learning;
    private readonly torch.Tensor _gradient;
    private readonly torch.Device _device;
    private readonly long[] _strides;
    private readonly long[] _paddings;

    /// <summary>Makes the operands.</summary>
    /// <param name="operation">What is called.</param>
    /// <param name="device">Where the operands live.</param>
    /// <param name="precision">Their type.</param>
    /// <param name="inputLearns">Whether the backward pass goes on to the input; false for the images, which need no gradient.</param>
    public OperationBenchmark(TracedOperation operation, ComputeDevice device, ComputePrecision precision, bool inputLearns = true)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(device);
        (_operation, _device) = (operation, device.Torch);
        var convolving = operation.Convolving;
        _strides = [convolving?.StrideDown ?? 1, convolving?.StrideAcross ?? 1];
        _paddings = [convolving?.PaddingDown ?? 0, convolving?.PaddingAcross ?? 0];
        var type = precision.AutocastType() ?? torch.ScalarType.Float32;
        _operands = [.. operation.Operands.Select(layout => Made(layout, type, _device))];
        _bias = operation.Bias is { } bias ? Made(bias, type, _device) : null;
        _learning = [.. _operands.Skip(inputLearns ? 0 : 1), .. _bias is null ? Array.Empty<torch.Tensor>() : [_bias]];
        foreach (var tensor in _learning)
        {
            tensor.requires_grad_(true);
        }

        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        _gradient = torch.ones_like(Call()).DetachFromDisposeScope();
    }

    /// <summary>Once, as inference does; returns when it is done.</summary>
    public void Infer()
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.inference_mode();
        Call();
        Wait();
    }

    /// <summary>Once, and the gradients of input, weight and bias by autograd, as training does; returns when it is done.</summary>
    public void Learn()
    {
        using var scope = torch.NewDisposeScope();
        using var recorded = torch.enable_grad();
        torch.autograd.grad([Call()], _learning, [_gradient]);
        Wait();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var operand in _operands)
        {
            operand.Dispose();
        }

        _bias?.Dispose();
        _gradient.Dispose();
    }

    private torch.Tensor Call() => _operation.Kind switch
    {
        LayerKind.Convolution => F.conv2d(_operands[0], _operands[1], _bias, _strides, _paddings, [1, 1], _operation.Convolving!.Groups),
        LayerKind.Linear => F.linear(_operands[0], _operands[1], _bias),
        LayerKind.Attention => F.scaled_dot_product_attention(_operands[0], _operands[1], _operands[2], _bias),
        _ => throw new NotSupportedException($"{_operation.Kind} is no operation of its own."),
    };

    private void Wait()
    {
        if (_device.type == DeviceType.CUDA)
        {
            torch.cuda.synchronize(_device);
        }
    }

    /// <summary>Numbers from -1 to 1: their size has no say in the time, as long as they are no denormals.</summary>
    private static torch.Tensor Made(TensorLayout layout, torch.ScalarType type, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var numbers = torch.arange(layout.Extent, device: device).remainder(251).to(torch.float32).div(125).sub(1).to(type);

        // Detached, it is a leaf: autograd ends at it.
        return numbers.as_strided([.. layout.Shape], [.. layout.Strides]).detach().DetachFromDisposeScope();
    }
}

using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// Runs one convolution, matrix product or attention of a model alone, as a libtorch call on operands of equal shape, memory layout and
/// type, so that its time can be compared with the model's. An instance must be used by one thread only.
/// </summary>
/// <remarks>With bfloat16 and float16 the operands already have that type; casting is not part of the measured call.</remarks>
public sealed class OperationBenchmark : IDisposable
{
    private readonly TracedOperation _operation;
    private readonly torch.Tensor[] _operands;
    private readonly torch.Tensor? _bias;
    private readonly torch.Tensor[] _differentiated;
    private readonly torch.Tensor _gradient;
    private readonly torch.Device _device;
    private readonly long[] _strides;
    private readonly long[] _paddings;

    /// <summary>Creates the operands.</summary>
    /// <param name="operation">Operation to run.</param>
    /// <param name="device">Device of the operands.</param>
    /// <param name="precision">Precision that determines the operands' type.</param>
    /// <param name="inputGradient">Whether the backward pass computes the gradient of the input; false for images, which need none.</param>
    public OperationBenchmark(TracedOperation operation, ComputeDevice device, ComputePrecision precision, bool inputGradient = true)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(device);
        (_operation, _device) = (operation, device.Torch);
        var geometry = operation.Geometry;
        _strides = [geometry?.StrideY ?? 1, geometry?.StrideX ?? 1];
        _paddings = [geometry?.PaddingY ?? 0, geometry?.PaddingX ?? 0];
        var type = precision.AutocastType() ?? torch.ScalarType.Float32;
        _operands = [.. operation.Operands.Select(layout => CreateOperand(layout, type, _device))];
        _bias = operation.Bias is { } bias ? CreateOperand(bias, type, _device) : null;
        _differentiated = [.. _operands.Skip(inputGradient ? 0 : 1), .. _bias is null ? Array.Empty<torch.Tensor>() : [_bias]];
        foreach (var tensor in _differentiated)
        {
            tensor.requires_grad_(true);
        }

        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        _gradient = torch.ones_like(Call()).DetachFromDisposeScope();
    }

    /// <summary>Runs the operation once in inference mode and waits for it.</summary>
    public void RunForward()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.inference_mode();
        Call();
        Wait();
    }

    /// <summary>Runs the operation once in training mode, with the gradients of input, weight and bias, and waits for it.</summary>
    public void RunForwardAndBackward()
    {
        using var scope = torch.NewDisposeScope();
        using var tracked = torch.enable_grad();
        torch.autograd.grad([Call()], _differentiated, [_gradient]);
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
        LayerKind.Convolution => F.conv2d(_operands[0], _operands[1], _bias, _strides, _paddings, [1, 1], _operation.Geometry!.Groups),
        LayerKind.Linear => F.linear(_operands[0], _operands[1], _bias),
        LayerKind.Attention => F.scaled_dot_product_attention(_operands[0], _operands[1], _operands[2], _bias),
        _ => throw new NotSupportedException($"expected a convolution, a fully connected layer or attention, got {_operation.Kind}"),
    };

    private void Wait()
    {
        if (_device.type == DeviceType.CUDA)
        {
            torch.cuda.synchronize(_device);
        }
    }

    /// <summary>Creates an operand with values from -1 to 1. The values do not affect the time as long as they are not denormal.</summary>
    private static torch.Tensor CreateOperand(TensorLayout layout, torch.ScalarType type, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var numbers = torch.arange(Keep(0), Keep(layout.Extent), Keep(1), device: device).remainder(Keep(251))
            .to(torch.float32).div(Keep(125)).sub(Keep(1)).to(type);

        // Detached, the tensor is a leaf at which autograd stops.
        return numbers.as_strided([.. layout.Shape], [.. layout.Strides]).detach().DetachFromDisposeScope();
    }
}

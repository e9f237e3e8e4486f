using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>The CPU or a CUDA GPU. Other projects see devices through this type alone, since tensors stay in this project.</summary>
public sealed class ComputeDevice
{
    private ComputeDevice(torch.Device device) => Torch = device;

    /// <summary>The CPU. Loads libtorch.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static ComputeDevice Cpu
    {
        get
        {
            LibTorch.Load();
            return new(torch.CPU);
        }
    }

    /// <summary>The first CUDA GPU; null where this libtorch has no CUDA or this machine no GPU. Loads libtorch.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static ComputeDevice? Cuda
    {
        get
        {
            LibTorch.Load();
            // TorchSharp initialises its CUDA part here; a libtorch without CUDA returns false.
            return torch.cuda.is_available() ? new(torch.CUDA) : null;
        }
    }

    /// <summary>Whether the device is a CUDA GPU.</summary>
    public bool IsCuda => Torch.type == DeviceType.CUDA;

    /// <summary>Compute capability of the GPU, such as (9, 0) for H100; null for the CPU.</summary>
    public (int Major, int Minor)? ComputeCapability => IsCuda ? CudaDriver.ComputeCapability(Math.Max(Torch.index, 0)) : null;

    internal torch.Device Torch { get; }

    /// <summary>Names the device: cpu or cuda.</summary>
    public override string ToString() => Torch.ToString();
}

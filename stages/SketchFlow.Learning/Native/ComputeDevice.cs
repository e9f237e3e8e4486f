using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Where tensors live: the processor or a CUDA card. What the pipeline knows of a device; the tensors stay in this project.</summary>
public sealed class ComputeDevice
{
    private ComputeDevice(torch.Device device) => Torch = device;

    /// <summary>The processor; loads libtorch.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static ComputeDevice Cpu
    {
        get
        {
            LibTorch.Load();
            return new(torch.CPU);
        }
    }

    /// <summary>The first CUDA card; null where this libtorch or this machine has none.</summary>
    /// <exception cref="RefusalException">libtorch does not load.</exception>
    public static ComputeDevice? Cuda
    {
        get
        {
            LibTorch.Load();
            // TorchSharp initialises its CUDA part only when asked; a libtorch without CUDA answers false.
            return torch.cuda.is_available() ? new(torch.CUDA) : null;
        }
    }

    /// <summary>True for a CUDA card.</summary>
    public bool IsCuda => Torch.type == DeviceType.CUDA;

    /// <summary>Compute capability of the card, such as (9, 0) for H100; null for the processor.</summary>
    public (int Major, int Minor)? ComputeCapability => IsCuda ? CudaDriver.ComputeCapability(Math.Max(Torch.index, 0)) : null;

    internal torch.Device Torch { get; }

    /// <summary>cpu or cuda.</summary>
    public override string ToString() => Torch.ToString();
}

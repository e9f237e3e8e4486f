using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Selects the device that tensors are stored and computed on.</summary>
public static class DeviceChoice
{
    /// <summary>Resolves a device name: auto, cpu or cuda.</summary>
    /// <exception cref="RefusalException">CUDA was asked for and is not there.</exception>
    /// <exception cref="UsageException">The name is none of the three.</exception>
    public static ComputeDevice Resolve(string name)
    {
        if (name is not ("auto" or "cpu" or "cuda"))
        {
            throw new UsageException($"The device is {name}, where auto, cpu or cuda is expected.");
        }

        return name switch
        {
            "cpu" => ComputeDevice.Cpu,
            "auto" => ComputeDevice.Cuda ?? ComputeDevice.Cpu,
            _ => ComputeDevice.Cuda ?? throw new RefusalException(
                "CUDA was asked for and is not available to this libtorch; run sketchflow doctor, build with make build DEVICE=cuda, "
                + $"or set {LibTorch.EnvironmentVariable} to a CUDA PyTorch's torch/lib."),
        };
    }
}

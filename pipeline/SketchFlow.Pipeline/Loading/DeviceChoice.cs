using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Selects the device that tensors are stored and computed on.</summary>
public static class DeviceChoice
{
    /// <summary>Returns whether a device name stands for a CUDA GPU. Loads libtorch only where it may have CUDA.</summary>
    /// <inheritdoc cref="Resolve"/>
    public static bool IsCuda(string name) => !(name == "cpu" || (name == "auto" && LibTorch.IsForCpu)) && Resolve(name).IsCuda;

    /// <summary>Resolves a device name: auto, cpu or cuda.</summary>
    /// <exception cref="RefusalException">CUDA was requested but is not available.</exception>
    /// <exception cref="UsageException">The name is not one of the three.</exception>
    public static ComputeDevice Resolve(string name)
    {
        if (name is not ("auto" or "cpu" or "cuda"))
        {
            throw new UsageException($"Expected auto, cpu or cuda as the device, got {name}{Spelling.DidYouMean(name, ["auto", "cpu", "cuda"])}.");
        }

        return name switch
        {
            "cpu" => ComputeDevice.Cpu,
            "auto" => ComputeDevice.Cuda ?? ComputeDevice.Cpu,
            _ => ComputeDevice.Cuda ?? throw new RefusalException(
                "CUDA was requested but this libtorch cannot use it; run sketchflow doctor, build with make build DEVICE=cuda, "
                + $"or set {LibTorch.EnvironmentVariable} to the torch/lib folder of a PyTorch with CUDA."),
        };
    }
}

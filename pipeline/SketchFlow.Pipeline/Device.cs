using SketchFlow.Learning.Native;
using SketchFlow.Samples;
using TorchSharp;

namespace SketchFlow.Pipeline;

/// <summary>Where tensors live.</summary>
public static class Device
{
    /// <summary>Resolves auto, cpu or cuda.</summary>
    /// <exception cref="RefusalException">CUDA was asked for and is not there.</exception>
    /// <exception cref="UsageException">The name is none of the three.</exception>
    public static torch.Device Resolve(string name)
    {
        if (name is not ("auto" or "cpu" or "cuda"))
        {
            throw new UsageException($"The device is {name}, where auto, cpu or cuda is expected.");
        }

        LibTorch.Load();
        if (name == "cpu")
        {
            return torch.CPU;
        }

        // TorchSharp initialises its CUDA part only when asked; a libtorch without CUDA answers false.
        var cuda = torch.cuda.is_available();
        return cuda
            ? torch.CUDA
            : name == "auto"
                ? torch.CPU
                : throw new RefusalException(
                    "CUDA was asked for and is not available to this libtorch; run sketchflow doctor, build with make build DEVICE=cuda, "
                    + $"or set {LibTorch.Variable} to a CUDA PyTorch's torch/lib.");
    }
}

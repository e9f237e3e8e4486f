using System.Runtime.InteropServices;
using TorchSharp;

namespace SketchFlow.Learning.Native;

/// <summary>Addresses of tensors on the CPU, for C# loops over large buffers.</summary>
/// <remarks>TorchSharp's spans count bytes in an int and so are limited to 2 GiB; the parameters of large models are larger.</remarks>
internal static unsafe partial class TensorMemory
{
    /// <summary>Returns the address of the tensor's first element.</summary>
    /// <exception cref="ArgumentException">The tensor is not on the CPU, not contiguous, or not of type <typeparamref name="T"/>'s size.</exception>
    public static T* Pointer<T>(torch.Tensor tensor)
        where T : unmanaged
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous() || tensor.element_size() != sizeof(T))
        {
            throw new ArgumentException($"Expected a contiguous CPU tensor of {sizeof(T)}-byte elements, got {tensor}.", nameof(tensor));
        }

        return (T*)Data(tensor.Handle);
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint Data(nint tensor);
}

using System.Runtime.InteropServices;

namespace SketchFlow.Learning.Native;

/// <summary>Queries of NVIDIA's driver that TorchSharp does not offer (CUDA Driver API, device management).</summary>
public static unsafe class CudaDriver
{
    private const int CapabilityMajor = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    private const int CapabilityMinor = 76;

    /// <summary>Reads the compute capability of a GPU, such as (9, 0) for H100; null without a driver or GPU.</summary>
    public static (int Major, int Minor)? ComputeCapability(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda" : "libcuda.so.1", out var driver))
        {
            return null;
        }

        if (!NativeLibrary.TryGetExport(driver, "cuInit", out var initialise)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out var ask))
        {
            return null;
        }

        int device, major, minor;
        var attribute = (delegate* unmanaged<int*, int, int, int>)ask;
        return ((delegate* unmanaged<uint, int>)initialise)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)get)(&device, index) == 0
            && attribute(&major, CapabilityMajor, device) == 0
            && attribute(&minor, CapabilityMinor, device) == 0
            ? (major, minor)
            : null;
    }
}

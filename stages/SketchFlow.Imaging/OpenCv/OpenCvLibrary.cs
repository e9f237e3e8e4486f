using OpenCvSharp;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>The loaded OpenCV library.</summary>
public static class OpenCvLibrary
{
    /// <summary>Loads OpenCV and returns its version, such as <c>OpenCV 4.13.0</c>.</summary>
    /// <exception cref="TypeInitializationException">OpenCV or a library that it needs is missing.</exception>
    public static string Version() => $"OpenCV {Cv2.GetVersionString()}";

    /// <summary>Loads OpenCV, so that what is missing is found before the first image.</summary>
    /// <exception cref="RefusalException">OpenCV or a library that it needs is missing; the message says what to install.</exception>
    public static void Load()
    {
        try
        {
            _ = Version();
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new RefusalException(
                OperatingSystem.IsLinux()
                    ? "OpenCV's library (libOpenCvSharpExtern.so) cannot be loaded: it needs Linux on x86-64 with glibc 2.28 and libstdc++; "
                        + "on Debian and Ubuntu: apt-get install libstdc++6 libgcc-s1."
                    : "OpenCV's library (OpenCvSharpExtern) cannot be loaded: add the package OpenCvSharp4.runtime of this system, in the version of "
                        + "OpenCvSharp4, to the program; SketchFlow is tested on Linux only.",
                e);
        }
    }
}

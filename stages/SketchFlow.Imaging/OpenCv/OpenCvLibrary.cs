using OpenCvSharp;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>The loaded OpenCV library.</summary>
public static class OpenCvLibrary
{
    /// <summary>Loads OpenCV and returns its version, such as <c>OpenCV 4.13.0</c>.</summary>
    /// <exception cref="TypeInitializationException">OpenCV or a library it needs (GTK 3) is missing.</exception>
    public static string Version() => $"OpenCV {Cv2.GetVersionString()}";
}

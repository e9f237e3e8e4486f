using System.Buffers;
using System.Runtime.CompilerServices;
using OpenCvSharp;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>A Mat over the pinned buffer of <see cref="Pixels"/>, for use inside one function; no bytes are copied.</summary>
internal readonly ref struct MatView
{
    private readonly MemoryHandle _pin;

    // The pipeline's workers use the cores, so OpenCV's own threads are off. Damaged files are reported by their rejection, not by OpenCV's log
    // on standard error.
    static MatView()
    {
        Cv2.SetNumThreads(1);
        Cv2.SetLogLevel(LogLevel.SILENT);
    }

    private unsafe MatView(byte[] buffer, int height, int width, int channels)
    {
        _pin = buffer.AsMemory().Pin();
        Mat = Mat.FromPixelData(height, width, TypeOf(channels), (nint)_pin.Pointer);
    }

    /// <summary>Mat of CV_8UC1 or CV_8UC3; writing to it writes the pixels.</summary>
    public Mat Mat { get; }

    public static MatView Over(Pixels pixels) => new(pixels.Buffer, pixels.Height, pixels.Width, pixels.Channels);

    /// <summary>Sets OpenCV's threads and log level; needed before calls that do not go through a view.</summary>
    public static void Initialize() => RuntimeHelpers.RunClassConstructor(typeof(MatView).TypeHandle);

    public static MatType TypeOf(int channels) => channels == 1 ? MatType.CV_8UC1 : MatType.CV_8UC3;

    public void Dispose()
    {
        Mat.Dispose();
        _pin.Dispose();
    }
}

using OpenCvSharp;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Resizing;

public static partial class PadResize
{
    /// <summary>Resizes to <paramref name="width"/> × <paramref name="height"/> pixels and ignores the aspect ratio.</summary>
    public static Pixels Stretch(
        Pixels input, int width, int height, Upsampling upsampling = Upsampling.Linear, Interpolation interpolation = Interpolation.Area)
    {
        var output = Pixels.Rent(input.Sample, width, height, input.Channels);
        Resample(input, output, new Rect(0, 0, width, height), upsampling, interpolation);
        return output;
    }
}

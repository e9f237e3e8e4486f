using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>OpenCV's equalizeHist on each channel.</summary>
    public static Pixels Equalize(Pixels input) => MatOperation.Run(input, (source, target) =>
    {
        if (input.Channels == 1)
        {
            Cv2.EqualizeHist(source, target);
            return;
        }

        using var channel = new Mat();
        for (var c = 0; c < input.Channels; c++)
        {
            Cv2.ExtractChannel(source, channel, c);
            Cv2.EqualizeHist(channel, channel);
            Cv2.InsertChannel(channel, target, c);
        }
    });
}

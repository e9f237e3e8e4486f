using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Global histogram equalisation, each channel by itself (albumentations' Equalize, mode cv).</summary>
public sealed record Equalize : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Paint(Augment.Equalize));
}

/// <summary>Stretches each channel's levels to 0-255 (PIL's autocontrast).</summary>
public sealed record AutoContrast : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Paint(Pillow.AutoContrast));
}

public static partial class Augment
{
    /// <summary>OpenCV's equalizeHist on each channel.</summary>
    public static Pixels Equalize(Pixels input) => Raster.Run(input, (source, target) =>
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

using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Imaging.Resizing;

/// <summary>How images are brought to one size.</summary>
public sealed record PadResizeOptions
{
    /// <summary>Width and height of the result, in pixels.</summary>
    public int Side { get; init; } = 224;

    /// <summary>What becomes of the aspect ratio.</summary>
    public ResizeMode Fit { get; init; } = ResizeMode.Letterbox;

    /// <summary>How pixels are made; area is the fast path of training, Pillow's filters are for parity with timm.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Area;

    /// <summary>What <see cref="ResizeMode.CentreCrop"/> does with the aspect ratio.</summary>
    public CropMode CropMode { get; init; } = CropMode.Center;

    /// <summary>With <see cref="Interpolation.Area"/>, interpolation where the image grows.</summary>
    public Upsampling Upsampling { get; init; } = Upsampling.Linear;

    /// <summary>Level of the padding, 0-255; sketches are drawn on white.</summary>
    public byte Fill { get; init; } = 255;

    /// <summary>Share of the resized image that <see cref="ResizeMode.CentreCrop"/> keeps, (0, 1] (timm's <c>crop_pct</c>).</summary>
    public double CropPercent { get; init; } = 0.875;

    /// <summary>Refuses sizes that cannot be.</summary>
    /// <exception cref="RefusalException">The side or the crop's share is out of range.</exception>
    public void Check()
    {
        if (Side is < 1 or > 8192)
        {
            throw new RefusalException($"The image size {Side} is outside of 1 to 8192 pixels; set image_size within it.");
        }

        if (CropPercent is not (> 0 and <= 1))
        {
            throw new RefusalException($"crop_pct {CropPercent} is outside of (0, 1]; timm's models use 0.875 to 1.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Fit switch
    {
        ResizeMode.Letterbox => string.Create(CultureInfo.InvariantCulture, $"letterbox({Side}, fill={Fill}{Filter})"),
        ResizeMode.Stretch => string.Create(CultureInfo.InvariantCulture, $"stretch({Side}{Filter})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"centre-crop({Side}, crop_pct={CropPercent}{(CropMode == CropMode.Squash ? ", squash" : "")}{Filter})"),
    };

    private string Filter => Interpolation == Interpolation.Area ? "" : $", {Transform.SplitWords(Interpolation.ToString(), '_')}";
}

using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Resizing;

/// <summary>Options for resizing images to one size.</summary>
public sealed record PadResizeOptions
{
    /// <summary>Width and height of the result, in pixels.</summary>
    public int Side { get; init; } = 224;

    /// <summary>Treatment of the aspect ratio.</summary>
    public ResizeMode Fit { get; init; } = ResizeMode.Letterbox;

    /// <summary>Interpolation; area averages are the fast path of training, Pillow's filters give parity with timm.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Area;

    /// <summary>Treatment of the aspect ratio by <see cref="ResizeMode.CentreCrop"/>.</summary>
    public CropMode CropMode { get; init; } = CropMode.Center;

    /// <summary>Interpolation where the image grows, used with <see cref="Interpolation.Area"/>.</summary>
    public Upsampling Upsampling { get; init; } = Upsampling.Linear;

    /// <summary>Level of the padding, 0-255; sketches are drawn on white.</summary>
    public byte Fill { get; init; } = 255;

    /// <summary>Share of the resized image that <see cref="ResizeMode.CentreCrop"/> keeps, 0.01 to 1 (timm's <c>crop_pct</c>).</summary>
    public double CropPercent { get; init; } = 0.875;

    /// <summary>Rejects impossible sizes.</summary>
    /// <exception cref="RefusalException">The side or the share of the crop is out of range.</exception>
    public void Check()
    {
        if (Side is < 1 or > 8192)
        {
            throw new RefusalException($"The image size {Side} is outside of 1 to 8192 pixels; set image_size within that range.");
        }

        if (CropPercent is not (>= 0.01 and <= 1))
        {
            throw new RefusalException($"crop_pct {CropPercent} is outside of 0.01 to 1; timm's models use 0.875 to 1.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Fit switch
    {
        ResizeMode.Letterbox => string.Create(CultureInfo.InvariantCulture, $"letterbox({Side}, fill={Fill}{Filter})"),
        ResizeMode.Stretch => string.Create(CultureInfo.InvariantCulture, $"stretch({Side}{Filter})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"centre-crop({Side}, crop_pct={CropPercent}{Squash}{Filter})"),
    };

    private string Squash => CropMode == CropMode.Squash ? ", squash" : "";

    private string Filter => Interpolation switch
    {
        Interpolation.Area => "",
        Interpolation.Bilinear => ", bilinear",
        Interpolation.Bicubic => ", bicubic",
        _ => ", lanczos",
    };
}

namespace SketchFlow.Imaging.Resizing;

/// <summary>Treatment of the aspect ratio by <see cref="ResizeMode.CentreCrop"/> (timm's <c>crop_mode</c>).</summary>
public enum CropMode
{
    /// <summary>Keeps the aspect ratio: scales the shorter side and crops the longer one.</summary>
    Center,

    /// <summary>Ignores the aspect ratio: scales both sides; nothing is cropped when <c>crop_pct</c> is 1.</summary>
    Squash,
}

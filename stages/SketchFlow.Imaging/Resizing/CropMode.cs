namespace SketchFlow.Imaging.Resizing;

/// <summary>What <see cref="ResizeMode.CentreCrop"/> does with the aspect ratio (timm's <c>crop_mode</c>).</summary>
public enum CropMode
{
    /// <summary>Keeps it: the shorter side is scaled, what is longer is cut off.</summary>
    Center,

    /// <summary>Gives it up: both sides are scaled, and nothing is cut off where <c>crop_pct</c> is 1.</summary>
    Squash,
}

using System.Globalization;

namespace SketchFlow.Pipeline.Bench;

/// <summary>A rate, or why there is none.</summary>
/// <param name="ImagesPerSecond">Of the median step; null where nothing was measured.</param>
/// <param name="Reason">Why nothing was measured; null where something was, or where the machine has no use for it.</param>
public readonly record struct ZooRate(double? ImagesPerSecond, string? Reason = null)
{
    /// <summary>Three digits, or the reason, or a dash.</summary>
    public override string ToString() => ImagesPerSecond is { } rate
        ? rate.ToString(rate >= 100 ? "0" : rate >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture)
        : Reason ?? "-";
}

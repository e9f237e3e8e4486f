using System.Globalization;

namespace SketchFlow.Pipeline.Bench;

/// <summary>A measured rate, or the reason for its absence.</summary>
/// <param name="ImagesPerSecond">Rate of the median step; null if it was not measured.</param>
/// <param name="Reason">The reason why it was not measured; null if it was measured, or if the machine does not benefit from this precision.</param>
public readonly record struct ZooRate(double? ImagesPerSecond, string? Reason = null)
{
    /// <summary>Returns the rate with three digits, the reason, or a dash.</summary>
    public override string ToString() => ImagesPerSecond is { } rate
        ? rate.ToString(rate >= 100 ? "0" : rate >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture)
        : Reason ?? "-";
}

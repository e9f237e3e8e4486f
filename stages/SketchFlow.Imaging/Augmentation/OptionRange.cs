using System.Globalization;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>What a number may be.</summary>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
/// <param name="Bound">The option whose value <paramref name="High"/> is; null where it is a number.</param>
internal readonly record struct OptionRange(double Low, double High, string? Bound)
{
    /// <summary>Such as <c>0 to 1</c> or <c>0 to max_side</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Low} to {Bound ?? High.ToString(CultureInfo.InvariantCulture)}");
}

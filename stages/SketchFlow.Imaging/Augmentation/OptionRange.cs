using System.Globalization;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>The range of a numeric option.</summary>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value.</param>
/// <param name="Bound">Name of the option that is the upper bound; null where the bound is a number.</param>
internal readonly record struct OptionRange(double Low, double High, string? Bound)
{
    /// <summary>Formats the range, such as <c>0 to 1</c> or <c>0 to max_side</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Low} to {Bound ?? High.ToString(CultureInfo.InvariantCulture)}");
}

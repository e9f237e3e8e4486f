using System.Globalization;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>A value of an image that is far from those of most images.</summary>
/// <param name="Measure">Name of the measure, such as <c>brightness</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Distance">Distance from the nearer quartile in interquartile ranges; negative for low values.</param>
internal sealed record ImageOutlier(string Measure, double Value, double Distance)
{
    /// <summary>Name of the finding in files, such as <c>brightness_low</c>.</summary>
    public string Key => $"{Measure.Replace(' ', '_')}_{(Distance < 0 ? "low" : "high")}";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Measure} {Value:0.###}, {(Distance < 0 ? "low" : "high")}");
}

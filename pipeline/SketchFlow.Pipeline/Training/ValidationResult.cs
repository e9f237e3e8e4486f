using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training;

/// <summary>The predictions for the validation images and their metrics.</summary>
/// <param name="Report">Metrics of the predictions.</param>
/// <param name="Logits">float32, rows × classes; the rows of rejected images are 0.</param>
/// <param name="Targets">Class number of each row.</param>
public sealed record ValidationResult(ClassificationReport Report, ReadOnlyMemory<float> Logits, ReadOnlyMemory<int> Targets)
{
    /// <summary>Fits the temperature that calibrates the predictions; null if the logits are not all finite.</summary>
    public double? FitTemperature()
    {
        foreach (var logit in Logits.Span)
        {
            if (!float.IsFinite(logit))
            {
                return null;
            }
        }

        return Temperature.Fit(Logits, Logits.Length / Targets.Length, Targets);
    }
}

using System.Globalization;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Mean and sample standard deviation (n - 1; 0 for one value) of a few numbers.</summary>
/// <param name="Mean">Mean of the numbers.</param>
/// <param name="Deviation">Standard deviation of the numbers.</param>
/// <param name="Count">Number of numbers.</param>
internal readonly record struct MeanAndDeviation(double Mean, double Deviation, int Count)
{
    public static MeanAndDeviation operator *(double factor, MeanAndDeviation value) =>
        new(factor * value.Mean, Math.Abs(factor) * value.Deviation, value.Count);

    /// <summary>Computes mean and deviation; null for no numbers.</summary>
    public static MeanAndDeviation? From(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var mean = values.Average();
        return new MeanAndDeviation(mean, values.Count == 1 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>Formats the mean, followed by ± and the deviation if there are several numbers.</summary>
    /// <param name="format">Format of the mean; the deviation has as many digits and no sign.</param>
    public string ToString(string format)
    {
        var mean = Mean.ToString(format, CultureInfo.InvariantCulture);
        return Count == 1 ? mean : $"{mean} ± {Deviation.ToString(format.Split(';')[0].TrimStart('+'), CultureInfo.InvariantCulture)}";
    }
}

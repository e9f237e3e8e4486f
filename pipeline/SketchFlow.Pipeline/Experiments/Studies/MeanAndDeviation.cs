using System.Globalization;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Mean and standard deviation (of a sample: n - 1; 0 for one value) of a few numbers.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct MeanAndDeviation(double Mean, double Deviation, int Count)
{
    public static MeanAndDeviation operator *(double factor, MeanAndDeviation spread) => new(factor * spread.Mean, Math.Abs(factor) * spread.Deviation, spread.Count);

    /// <summary>Of the numbers; null where there are none.</summary>
    public static MeanAndDeviation? From(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var mean = values.Average();
        return new MeanAndDeviation(mean, values.Count == 1 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>The mean, with ± and the deviation where there are several numbers.</summary>
    /// <param name="format">Of the mean; the deviation has its digits.</param>
    public string ToString(string format)
    {
        var mean = Mean.ToString(format, CultureInfo.InvariantCulture);
        return Count == 1 ? mean : $"{mean} ± {Deviation.ToString(format.Split(';')[0].TrimStart('+'), CultureInfo.InvariantCulture)}";
    }
}

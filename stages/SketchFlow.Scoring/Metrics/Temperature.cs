using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Metrics;

/// <summary>Temperature scaling (Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017).</summary>
public static class Temperature
{
    /// <summary>Lowest temperature that is tried.</summary>
    public const double Lowest = 0.01;

    /// <summary>Highest temperature that is tried.</summary>
    public const double Highest = 100;

    /// <summary>Fits the temperature T that minimises the log-loss of softmax(logits / T) on rows with known targets.</summary>
    /// <remarks>
    /// The log-loss is convex in 1/T, so that its slope changes sign at most once and bisection of the slope cannot fail. If the best T is outside
    /// 0.01 to 100 (every row right, or uninformative logits), the bound is returned; if the slope is 0 everywhere (all logits equal), 1.
    /// </remarks>
    /// <param name="logits">float32, finite, rows × classes.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="targets">Class number of each row.</param>
    /// <exception cref="ArgumentException">There are no rows, or the lengths disagree.</exception>
    public static double Fit(ReadOnlyMemory<float> logits, int classes, ReadOnlyMemory<int> targets)
    {
        if (targets.Length == 0 || classes < 1 || (long)targets.Length * classes != logits.Length)
        {
            throw new ArgumentException($"There are {logits.Length} logits for {targets.Length} rows of {classes} classes.", nameof(targets));
        }

        var (lowest, highest) = (Slope(logits, classes, targets, Lowest), Slope(logits, classes, targets, Highest));
        if (lowest == 0 && highest == 0)
        {
            return 1;
        }

        // The slope by 1/T rises with 1/T: if it is at most 0 at the lowest temperature, lower is better still; if at least 0 at the highest, higher.
        if (lowest <= 0)
        {
            return Lowest;
        }

        if (highest >= 0)
        {
            return Highest;
        }

        var (low, high) = (Math.Log(Lowest), Math.Log(Highest));
        // 24 halvings determine T within a relative 6e-7, where the log-loss is flat.
        for (var i = 0; i < 24; i++)
        {
            var middle = (low + high) / 2;
            if (Slope(logits, classes, targets, Math.Exp(middle)) > 0)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return Math.Exp((low + high) / 2);
    }

    /// <summary>Fits one temperature per member, each independently.</summary>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[] Fit(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var targets = set.RequireTargets();
        var temperatures = new double[set.Members.Length];
        Parallel.For(0, temperatures.Length, m => temperatures[m] = Fit(set.Members[m].Logits, set.Classes, targets));
        return temperatures;
    }

    /// <summary>Computes the derivative of the summed log-loss by 1/T: the sum over the rows of expected minus target logit.</summary>
    private static double Slope(ReadOnlyMemory<float> logits, int classes, ReadOnlyMemory<int> targets, double temperature)
    {
        var probabilities = new double[classes];
        var slope = 0.0;
        for (var row = 0; row < targets.Length; row++)
        {
            var x = logits.Span.Slice(row * classes, classes);
            Softmax.Probabilities(x, probabilities, temperature);
            var own = (double)x[targets.Span[row]];
            for (var c = 0; c < classes; c++)
            {
                slope += probabilities[c] * (x[c] - own);
            }
        }

        return slope;
    }
}

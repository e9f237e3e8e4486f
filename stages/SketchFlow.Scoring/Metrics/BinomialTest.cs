namespace SketchFlow.Scoring.Metrics;

/// <summary>The exact binomial test.</summary>
public static class BinomialTest
{
    /// <summary>Computes P(X ≥ k) for the number X of successes in n independent trials, from logarithms, so that large n do not underflow.</summary>
    /// <param name="successes">k.</param>
    /// <param name="trials">n.</param>
    /// <param name="probability">Probability of a success, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static double UpperTail(int successes, int trials, double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, successes);
        if (!(probability is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Expected a probability above 0 and below 1.");
        }

        var (sum, choose) = (0.0, 0.0);
        for (var i = 0; i <= trials; i++)
        {
            sum += i >= successes ? Math.Exp(choose + (i * Math.Log(probability)) + ((trials - i) * Math.Log(1 - probability))) : 0;
            choose += Math.Log(trials - i) - Math.Log(i + 1);
        }

        return Math.Min(1, sum);
    }
}

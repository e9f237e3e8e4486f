namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>The range of a learning rate range test.</summary>
public sealed record LearningRateRange
{
    /// <summary>First learning rate.</summary>
    public double From { get; init; } = 1e-7;

    /// <summary>Last learning rate.</summary>
    public double To { get; init; } = 1;

    /// <summary>Number of steps from the first to the last rate, on a logarithmic scale.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Ratio of the smoothed loss to its minimum at which the test ends.</summary>
    public double Diverged { get; init; } = 4;

    /// <summary>Computes the learning rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double At(int step) => From * Math.Pow(To / From, (double)step / Math.Max(1, Steps - 1));
}

namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>The range that is tried.</summary>
public sealed record LearningRateRange
{
    /// <summary>First rate.</summary>
    public double From { get; init; } = 1e-7;

    /// <summary>Last rate.</summary>
    public double To { get; init; } = 1;

    /// <summary>Steps from one to the other, on a logarithmic scale.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The search ends where the smoothed loss is this many times its lowest.</summary>
    public double Diverged { get; init; } = 4;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0.</param>
    public double At(int step) => From * Math.Pow(To / From, (double)step / Math.Max(1, Steps - 1));
}

using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>A cosine up to the peak and a cosine down, in place of a warm-up (Smith and Topin, "Super-convergence", 2018; as PyTorch's OneCycleLR).</summary>
public sealed record OneCycle : Schedule
{
    /// <summary>Share of the run in which the rate rises.</summary>
    public double Climb { get; init; } = 0.3;

    /// <summary>First rate as a share of the peak.</summary>
    public double StartFactor { get; init; } = 0.04;

    private protected override double Shape(in SchedulePoint point)
    {
        var climb = Math.Max(1, (Climb * point.Steps) - 1);
        return point.Step <= climb
            ? HalfCosine(StartFactor, 1, point.Step / climb)
            : HalfCosine(1, FinalFactor, (point.Step - climb) / Math.Max(1, point.Steps - 1 - climb));
    }

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Climb is > 0 and < 1, Climb, "above 0 and below 1");
        checks.Require(StartFactor is >= 0 and <= 1, StartFactor, "0 to 1");
    }
}

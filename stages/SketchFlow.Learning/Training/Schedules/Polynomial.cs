using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>From the peak to the final rate by a power of the share of the run that is left; power 1 is linear.</summary>
public sealed record Polynomial : WarmupSchedule
{
    /// <summary>Exponent.</summary>
    public double Power { get; init; } = 1;

    private protected override double Shape(in SchedulePoint point) =>
        FinalFactor + ((1 - FinalFactor) * Math.Pow(1 - Math.Clamp(point.Share, 0, 1), Power));

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Power > 0, Power, "above 0");
    }
}

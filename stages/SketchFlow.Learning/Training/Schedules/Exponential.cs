using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Multiplication by gamma over each epoch, spread evenly over its steps.</summary>
public sealed record Exponential : WarmupSchedule
{
    /// <summary>Factor over one epoch.</summary>
    public double Gamma { get; init; } = 0.95;

    private protected override double Shape(in SchedulePoint point) => Math.Pow(Gamma, point.Epoch);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(Gamma is > 0 and <= 1, Gamma, "above 0 to 1");
    }
}

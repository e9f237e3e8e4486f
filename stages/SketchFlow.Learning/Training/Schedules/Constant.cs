namespace SketchFlow.Learning.Training.Schedules;

/// <summary>The same rate in every step after the warm-up.</summary>
public sealed record Constant : WarmupSchedule
{
    private protected override double Shape(in SchedulePoint point) => 1;
}

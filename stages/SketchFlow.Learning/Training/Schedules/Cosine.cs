namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Half a cosine from the peak to the final rate (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).</summary>
public sealed record Cosine : WarmupSchedule
{
    private protected override double Shape(in SchedulePoint point) => HalfCosine(1, FinalFactor, point.Share);
}

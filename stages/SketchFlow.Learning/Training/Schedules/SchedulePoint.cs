namespace SketchFlow.Learning.Training.Schedules;

/// <summary>A step between warm-up and cool-down, where the shape of a schedule is evaluated.</summary>
/// <param name="Step">Step from the end of the warm-up.</param>
/// <param name="StepOfRun">Step from the start of the run.</param>
/// <param name="Steps">Number of steps between warm-up and cool-down.</param>
/// <param name="StepsPerEpoch">Number of steps per epoch.</param>
/// <param name="Plateau">The validation results so far; null is a run without validation.</param>
internal readonly record struct SchedulePoint(double Step, double StepOfRun, double Steps, double StepsPerEpoch, PlateauState? Plateau)
{
    /// <summary>Share of the shape that has passed, 0 to 1.</summary>
    public double Share => Step / Math.Max(1, Steps - 1);

    /// <summary>Epochs from the end of the warm-up, with fractions.</summary>
    public double Epoch => Step / StepsPerEpoch;
}

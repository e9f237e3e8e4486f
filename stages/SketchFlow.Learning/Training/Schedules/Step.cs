using SketchFlow.Data.Messages;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Multiplication by gamma every step_epochs epochs, counted from the start of the run.</summary>
public sealed record Step : WarmupSchedule
{
    /// <summary>Number of epochs between two multiplications; 8 is the report's.</summary>
    public double StepEpochs { get; init; } = 8;

    /// <summary>Factor of each multiplication.</summary>
    public double Gamma { get; init; } = 0.1;

    private protected override double Shape(in SchedulePoint point) => Math.Pow(Gamma, Math.Floor(point.StepOfRun / (StepEpochs * point.StepsPerEpoch)));

    /// <inheritdoc/>
    public override string? FindProblem(int epochs) => StepEpochs >= epochs && CooldownEpochs == 0
        ? Problem(
            $"schedule.step_epochs is {StepEpochs} and the run has {Plural.Of(epochs, "epoch")}, so that the learning rate never falls",
            epochs > 1 ? $"schedule.step_epochs={epochs / 2}" : null)
        : base.FindProblem(epochs);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(StepEpochs > 0, StepEpochs, "above 0");
        checks.Require(Gamma is > 0 and <= 1, Gamma, "above 0 to 1");
    }
}

using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Multiplication by gamma at each of the given epochs.</summary>
public sealed record MultiStep : WarmupSchedule
{
    /// <summary>Epochs, counted from the start of the run, at which the rate is multiplied; a list such as [30, 60] is required.</summary>
    public ImmutableArray<double>? Milestones { get; init; }

    /// <summary>Factor of each multiplication.</summary>
    public double Gamma { get; init; } = 0.1;

    private protected override double Shape(in SchedulePoint point)
    {
        var (step, stepsPerEpoch) = (point.StepOfRun, point.StepsPerEpoch);
        return Math.Pow(Gamma, Milestones?.Count(m => m * stepsPerEpoch <= step) ?? 0);
    }

    /// <inheritdoc/>
    public override string? FindProblem(int epochs) =>
        CooldownEpochs == 0 && Milestones is { IsDefaultOrEmpty: false } milestones && milestones.All(m => m >= epochs)
            ? Problem(
                $"schedule.milestones is [{string.Join(", ", milestones)}] and the run has {Plural.Of(epochs, "epoch")}, so that the learning rate never falls",
                epochs > 1 ? $"schedule.milestones=[{epochs / 2}]" : null)
            : base.FindProblem(epochs);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(
            Milestones is { IsDefaultOrEmpty: false } milestones && milestones.All(m => m > 0), Milestones, "a list of epochs above 0, such as [30, 60]");
        checks.Require(Gamma is > 0 and <= 1, Gamma, "above 0 to 1");
    }
}

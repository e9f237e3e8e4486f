using SketchFlow.Data.Messages;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>A schedule that begins with a linear warm-up.</summary>
public abstract record WarmupSchedule : Schedule
{
    /// <summary>Number of epochs of linear warm-up from warmup_factor × the peak; fractions are allowed.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>First rate of the warm-up, as a share of the peak.</summary>
    public double WarmupFactor { get; init; } = 0.01;

    /// <inheritdoc/>
    public override string? FindProblem(int epochs) => WarmupEpochs >= epochs
        ? Problem(
            $"schedule.warmup_epochs is {WarmupEpochs} and the run has {Plural.Of(epochs, "epoch")}, so that all of it is warm-up",
            "schedule.warmup_epochs=0")
        : null;

    /// <inheritdoc/>
    private protected sealed override double WarmupLength(long stepsPerEpoch) => WarmupEpochs * stepsPerEpoch;

    /// <inheritdoc/>
    private protected override double WarmupAt(long step, double length, PlateauState? plateau) =>
        WarmupFactor + ((1 - WarmupFactor) * step / length);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(WarmupEpochs >= 0, WarmupEpochs, "0 or more");
        checks.Require(WarmupFactor is >= 0 and <= 1, WarmupFactor, "0 to 1");
    }
}

using SketchFlow.Data.Messages;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Multiplication by gamma when stopping.metric has not improved for a number of epochs (as PyTorch's ReduceLROnPlateau).</summary>
public sealed record Plateau : WarmupSchedule
{
    /// <summary>Number of epochs without improvement before the rate is reduced.</summary>
    public int PlateauPatience { get; init; } = 10;

    /// <summary>Relative change of the metric that counts as an improvement.</summary>
    public double PlateauThreshold { get; init; } = 1e-4;

    /// <summary>Number of epochs after a reduction that do not count towards the next one.</summary>
    public int PlateauRest { get; init; }

    /// <summary>Factor of each reduction.</summary>
    public double Gamma { get; init; } = 0.1;

    /// <inheritdoc/>
    public override PlateauState Observe(PlateauState state, double metric, bool lowerIsBetter)
    {
        // The order of the steps is that of ReduceLROnPlateau.step with a relative threshold.
        var better = !double.IsNaN(metric) && (state.Best is not { } best
            || (lowerIsBetter ? metric < best * (1 - PlateauThreshold) : metric > best * (1 + PlateauThreshold)));
        var waited = better ? 0 : state.Waited + 1;
        var resting = state.Resting;
        if (resting > 0)
        {
            (waited, resting) = (0, resting - 1);
        }

        var next = state with { Best = better ? metric : state.Best, Waited = waited, Resting = resting };
        return waited > PlateauPatience
            ? next with { Factor = Math.Max(FinalFactor, state.Factor * Gamma), Waited = 0, Resting = PlateauRest }
            : next;
    }

    private protected override double Shape(in SchedulePoint point) => point.Plateau?.Factor ?? 1;

    /// <inheritdoc/>
    public override string? FindProblem(int epochs) => PlateauPatience + 2 >= epochs && CooldownEpochs == 0
        ? Problem(
            $"schedule.plateau_patience is {PlateauPatience} and the run has {Plural.Of(epochs, "epoch")}, so that the learning rate is never reduced",
            epochs > 2 ? $"schedule.plateau_patience={(epochs - 3) / 2}" : null)
        : base.FindProblem(epochs);

    // The rate may have been reduced before the warm-up ends.
    private protected override double WarmupAt(long step, double length, PlateauState? plateau) =>
        base.WarmupAt(step, length, plateau) * (plateau?.Factor ?? 1);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(PlateauPatience >= 0, PlateauPatience, "0 or more");
        checks.Require(PlateauThreshold >= 0, PlateauThreshold, "0 or more");
        checks.Require(PlateauRest >= 0, PlateauRest, "0 or more");
        checks.Require(Gamma is > 0 and <= 1, Gamma, "above 0 to 1");
    }
}

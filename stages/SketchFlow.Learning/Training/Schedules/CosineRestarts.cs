using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>Half cosines, each of which starts again from the peak (SGDR; as PyTorch's CosineAnnealingWarmRestarts).</summary>
public sealed record CosineRestarts : WarmupSchedule
{
    /// <summary>Number of epochs of the first cycle.</summary>
    public double CycleEpochs { get; init; } = 10;

    /// <summary>Length of each cycle as a multiple of the previous one.</summary>
    public double CycleGrowth { get; init; } = 1;

    /// <summary>Peak of each cycle as a share of the previous one.</summary>
    public double CycleDecay { get; init; } = 1;

    private protected override double Shape(in SchedulePoint point)
    {
        var (cycle, length, epoch) = (0, CycleEpochs, point.Epoch);
        while (epoch >= length)
        {
            epoch -= length;
            length *= CycleGrowth;
            cycle++;
        }

        var peak = Math.Max(FinalFactor, Math.Pow(CycleDecay, cycle));
        return HalfCosine(peak, FinalFactor, epoch / length);
    }

    /// <inheritdoc/>
    public override string? FindProblem(int epochs) => CooldownEpochs == 0 && WarmupEpochs < epochs && WarmupEpochs + CycleEpochs > epochs
        ? Problem(
            $"schedule.cycle_epochs is {CycleEpochs} and the run has {Plural.Of(epochs, "epoch")}, "
                + "so that the learning rate does not fall to the end of the first cycle",
            string.Create(CultureInfo.InvariantCulture, $"schedule.cycle_epochs={epochs - WarmupEpochs}"))
        : base.FindProblem(epochs);

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        base.AddChecks(checks);
        checks.Require(CycleEpochs > 0, CycleEpochs, "above 0");
        checks.Require(CycleGrowth >= 1, CycleGrowth, "1 or more");
        checks.Require(CycleDecay is > 0 and <= 1, CycleDecay, "above 0 to 1");
    }
}

using System.Globalization;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>A learning-rate schedule with its options: a function from the step (and, for plateau, the validation results so far) to the rate.</summary>
/// <remarks>
/// A run consists of warm-up, shape and cool-down. The shape begins at the end of the warm-up and ends at the beginning of the cool-down.
/// A new schedule is a sealed record derived from this one or, for a linear warm-up, from <see cref="WarmupSchedule"/>; recipes, the reference page
/// and the tests find it by reflection.
/// </remarks>
public abstract record Schedule : Kind
{
    /// <summary>
    /// Number of last epochs in which the rate changes linearly from the shape's last value to the final rate; a shape that ends there stays constant.
    /// </summary>
    public double CooldownEpochs { get; init; }

    /// <summary>
    /// Final rate as a share of the peak, at the end of cosine, cosine with restarts, one-cycle, polynomial and cool-down; for plateau the smallest rate.
    /// </summary>
    public double FinalFactor { get; init; } = 0.001;

    /// <summary>Computes the learning rate as a share of the peak.</summary>
    /// <param name="step">Step from 0.</param>
    /// <param name="stepsPerEpoch">Number of steps per epoch.</param>
    /// <param name="epochs">Number of epochs of the run.</param>
    /// <param name="plateau">The validation results so far, for plateau; null is a run without validation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no steps.</exception>
    public double Factor(long step, long stepsPerEpoch, int epochs, PlateauState? plateau = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        var total = stepsPerEpoch * (double)epochs;
        var warmup = Math.Min(WarmupLength(stepsPerEpoch), total);
        var cooldown = Math.Min(CooldownEpochs * stepsPerEpoch, total - warmup);
        var body = total - warmup - cooldown;
        if (step < warmup)
        {
            return WarmupAt(step, warmup, plateau);
        }

        if (step < warmup + body || cooldown <= 0)
        {
            return Shape(new SchedulePoint(step - warmup, step, body, stepsPerEpoch, plateau));
        }

        var from = body > 0 ? Shape(new SchedulePoint(body - 1, warmup + body - 1, body, stepsPerEpoch, plateau)) : 1;
        return from + ((FinalFactor - from) * Math.Clamp((step - warmup - body + 1) / cooldown, 0, 1));
    }

    /// <summary>Takes in the result of one more validation; all schedules but plateau ignore it.</summary>
    /// <param name="state">State after the validations so far.</param>
    /// <param name="metric">Result of the validation; not a number counts as no improvement.</param>
    /// <param name="lowerIsBetter">True for a loss, false for an accuracy.</param>
    public virtual PlateauState Observe(PlateauState state, double metric, bool lowerIsBetter) => state;

    /// <summary>Finds what the schedule would not do within a run, such as a first step after its end.</summary>
    /// <param name="epochs">Number of epochs of the run.</param>
    /// <returns>The problem and its remedy as a sentence; null if there is none.</returns>
    public virtual string? FindProblem(int epochs) => null;

    /// <summary>Computes the rate between warm-up and cool-down, as a share of the peak.</summary>
    private protected abstract double Shape(in SchedulePoint point);

    /// <summary>Length of the warm-up in steps.</summary>
    private protected virtual double WarmupLength(long stepsPerEpoch) => 0;

    /// <summary>Computes the rate during the warm-up, as a share of the peak.</summary>
    /// <param name="step">Step from 0.</param>
    /// <param name="length">Length of the warm-up in steps.</param>
    /// <param name="plateau">The validation results so far.</param>
    private protected virtual double WarmupAt(long step, double length, PlateauState? plateau) => 1;

    /// <summary>Formats a problem with its remedies: a smaller value of the key, if one exists, or a schedule that has the length of the run.</summary>
    /// <param name="found">The key with its value, the number of epochs, and the consequence.</param>
    /// <param name="setting">The smaller value, as <c>--set</c> takes it; null if there is none.</param>
    private protected static string Problem(string found, string? setting) => string.Create(
        CultureInfo.InvariantCulture,
        $"{found}; use {(setting is null ? "" : $"--set {setting}, or ")}--set schedule.kind=one_cycle, which follows the number of epochs.");

    /// <summary>Interpolates along half a cosine; <paramref name="share"/> is clamped to 0 to 1.</summary>
    private protected static double HalfCosine(double from, double to, double share) =>
        to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(share, 0, 1))));

    /// <inheritdoc/>
    protected override void AddChecks(OptionChecks checks)
    {
        checks.Require(CooldownEpochs >= 0, CooldownEpochs, "0 or more");
        checks.Require(FinalFactor is >= 0 and <= 1, FinalFactor, "0 to 1");
    }
}

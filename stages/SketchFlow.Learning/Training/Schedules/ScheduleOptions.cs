using System.Collections.Immutable;

namespace SketchFlow.Learning.Training.Schedules;

/// <summary>A learning-rate schedule: a function from the step (and, for plateau, what validation gave so far) to the rate.</summary>
/// <remarks>
/// A run is warm-up, shape, cool-down. The shape begins when the warm-up ends and ends where the cool-down begins; step and
/// multi-step count their epochs from the start of the run.
/// </remarks>
public sealed record ScheduleOptions
{
    /// <summary>Shape after the warm-up.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs of linear warm-up from <see cref="WarmupFactor"/> × the peak; fractions are allowed. One-cycle warms up by itself.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Where the warm-up starts, as a share of the peak.</summary>
    public double WarmupFactor { get; init; } = 0.01;

    /// <summary>Last epochs in which the rate goes in a line from the shape's last to the final one; where the shape ends there (cosine), it stays.</summary>
    public double CooldownEpochs { get; init; }

    /// <summary>The last rate as a share of the peak (cosine with and without restarts, one-cycle, polynomial, cool-down); the least of plateau.</summary>
    public double FinalFactor { get; init; } = 0.001;

    /// <summary>Step, multi-step, plateau: the factor; exponential: the factor over an epoch. Null is 0.95 for exponential, else 0.1.</summary>
    public double? Gamma { get; init; }

    /// <summary>Step: epochs between two multiplications; 8 is the report's.</summary>
    public double StepEpochs { get; init; } = 8;

    /// <summary>Multi-step: the epochs, from the start of the run, at which the rate is multiplied.</summary>
    public ImmutableArray<double>? Milestones { get; init; }

    /// <summary>One-cycle: share of the run that climbs.</summary>
    public double Climb { get; init; } = 0.3;

    /// <summary>One-cycle: the first rate as a share of the peak.</summary>
    public double StartFactor { get; init; } = 0.04;

    /// <summary>Cosine with restarts: epochs of the first cycle.</summary>
    public double CycleEpochs { get; init; } = 10;

    /// <summary>Cosine with restarts: how much longer each cycle is than the one before.</summary>
    public double CycleGrowth { get; init; } = 1;

    /// <summary>Cosine with restarts: each peak as a share of the one before.</summary>
    public double CycleDecay { get; init; } = 1;

    /// <summary>Polynomial: the exponent.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Plateau: epochs without a better metric that are borne; the next one lowers the rate.</summary>
    public int PlateauPatience { get; init; } = 10;

    /// <summary>Plateau: relative change of the metric that counts as better.</summary>
    public double PlateauThreshold { get; init; } = 1e-4;

    /// <summary>Plateau: epochs after a lowering in which none is counted.</summary>
    public int PlateauRest { get; init; }

    /// <summary>The factor where none was given.</summary>
    internal double GammaOrOwn => Gamma ?? (Kind == ScheduleKind.Exponential ? 0.95 : 0.1);

    /// <summary>The learning rate as a share of the peak.</summary>
    /// <param name="step">Step from 0.</param>
    /// <param name="stepsPerEpoch">Steps in an epoch.</param>
    /// <param name="epochs">Epochs in the run.</param>
    /// <param name="plateau">What validation gave so far, for plateau; null is a run without validation.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no steps.</exception>
    public double Factor(long step, long stepsPerEpoch, int epochs, PlateauState? plateau = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        var total = stepsPerEpoch * (double)epochs;
        var warmup = Kind == ScheduleKind.OneCycle ? 0 : Math.Min(WarmupEpochs * stepsPerEpoch, total);
        var cooldown = Math.Min(CooldownEpochs * stepsPerEpoch, total - warmup);
        var body = total - warmup - cooldown;
        if (step < warmup)
        {
            // A plateau may have been met before the warm-up ends.
            return (WarmupFactor + ((1 - WarmupFactor) * step / warmup)) * (Kind == ScheduleKind.Plateau ? plateau?.Factor ?? 1 : 1);
        }

        if (step < warmup + body || cooldown <= 0)
        {
            return Shape(step - warmup, step, body, stepsPerEpoch, plateau);
        }

        var from = body > 0 ? Shape(body - 1, warmup + body - 1, body, stepsPerEpoch, plateau) : 1;
        return from + ((FinalFactor - from) * Math.Clamp((step - warmup - body + 1) / cooldown, 0, 1));
    }

    // t counts from the end of the warm-up, step from the start of the run.
    private double Shape(double t, double step, double steps, double stepsPerEpoch, PlateauState? plateau)
    {
        var share = t / Math.Max(1, steps - 1);
        return Kind switch
        {
            ScheduleKind.Cosine => HalfCosine(1, FinalFactor, share),
            ScheduleKind.Step => Math.Pow(GammaOrOwn, Math.Floor(step / (StepEpochs * stepsPerEpoch))),
            ScheduleKind.MultiStep => Math.Pow(GammaOrOwn, Milestones?.Count(m => m * stepsPerEpoch <= step) ?? 0),
            ScheduleKind.Exponential => Math.Pow(GammaOrOwn, t / stepsPerEpoch),
            ScheduleKind.CosineRestarts => Restarted(t / stepsPerEpoch),
            ScheduleKind.Polynomial => FinalFactor + ((1 - FinalFactor) * Math.Pow(1 - Math.Clamp(share, 0, 1), Power)),
            ScheduleKind.Plateau => plateau?.Factor ?? 1,
            ScheduleKind.OneCycle => OneCycle(t, steps),
            _ => 1,
        };
    }

    private double OneCycle(double t, double steps)
    {
        var climb = Math.Max(1, (Climb * steps) - 1);
        return t <= climb
            ? HalfCosine(StartFactor, 1, t / climb)
            : HalfCosine(1, FinalFactor, (t - climb) / Math.Max(1, steps - 1 - climb));
    }

    private double Restarted(double epoch)
    {
        var (cycle, length) = (0, CycleEpochs);
        while (epoch >= length)
        {
            epoch -= length;
            length *= CycleGrowth;
            cycle++;
        }

        var peak = Math.Max(FinalFactor, Math.Pow(CycleDecay, cycle));
        return HalfCosine(peak, FinalFactor, epoch / length);
    }

    private static double HalfCosine(double from, double to, double share) => to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(share, 0, 1))));
}

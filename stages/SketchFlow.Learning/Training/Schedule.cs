namespace SketchFlow.Learning.Training;

/// <summary>The shape of the learning rate over a run.</summary>
public enum ScheduleKind
{
    /// <summary>The same throughout.</summary>
    Constant,

    /// <summary>Half a cosine from the peak to the final rate (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).</summary>
    Cosine,

    /// <summary>Multiplied by gamma every so many epochs.</summary>
    Step,

    /// <summary>Cosine up to the peak and cosine down (Smith and Topin, "Super-convergence", 2018; as PyTorch's OneCycleLR).</summary>
    OneCycle,
}

/// <summary>A learning-rate schedule: a function from the step to the rate. Rates change with every step, never twice.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Shape after the warm-up.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs of linear warm-up from <see cref="WarmupFactor"/> × the peak; fractions are allowed. One-cycle warms up by itself.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Where the warm-up starts, as a share of the peak.</summary>
    public double WarmupFactor { get; init; } = 0.01;

    /// <summary>The last rate as a share of the peak (cosine, one-cycle).</summary>
    public double FinalFactor { get; init; } = 0.001;

    /// <summary>Step: the factor.</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Step: epochs between two multiplications; 8 is the report's.</summary>
    public double StepEpochs { get; init; } = 8;

    /// <summary>One-cycle: share of the run that climbs.</summary>
    public double Climb { get; init; } = 0.3;

    /// <summary>One-cycle: the first rate as a share of the peak.</summary>
    public double StartFactor { get; init; } = 0.04;

    /// <summary>The learning rate as a share of the peak.</summary>
    /// <param name="step">Step from 0.</param>
    /// <param name="stepsPerEpoch">Steps in an epoch.</param>
    /// <param name="epochs">Epochs in the run.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no steps.</exception>
    public double Factor(long step, long stepsPerEpoch, int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        var total = stepsPerEpoch * (double)epochs;
        if (Kind == ScheduleKind.OneCycle)
        {
            var climb = Math.Max(1, (Climb * total) - 1);
            return step <= climb
                ? HalfCosine(StartFactor, 1, step / climb)
                : HalfCosine(1, FinalFactor, (step - climb) / Math.Max(1, total - 1 - climb));
        }

        var warmup = Math.Min(WarmupEpochs * stepsPerEpoch, total);
        if (step < warmup)
        {
            return WarmupFactor + ((1 - WarmupFactor) * step / warmup);
        }

        return Kind switch
        {
            ScheduleKind.Cosine => HalfCosine(1, FinalFactor, (step - warmup) / Math.Max(1, total - 1 - warmup)),
            ScheduleKind.Step => Math.Pow(Gamma, Math.Floor(step / (StepEpochs * stepsPerEpoch))),
            _ => 1,
        };
    }

    private static double HalfCosine(double from, double to, double share) => to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * Math.Clamp(share, 0, 1))));
}

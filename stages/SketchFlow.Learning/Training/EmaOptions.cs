namespace SketchFlow.Learning.Training;

/// <summary>Options of the exponential moving average of the weights, as timm's <c>ModelEmaV3</c>.</summary>
public sealed record EmaOptions
{
    /// <summary>Share of the average that a step keeps, such as 0.9998; 0 is off. The average covers about 1 / (1 - decay) steps.</summary>
    public double Decay { get; init; }

    /// <summary>
    /// Whether the decay grows from 0 as 1 - (1 + step / warmup_gamma)^-warmup_power, so that the initial weights do not dominate the average of a short run.
    /// </summary>
    public bool Warmup { get; init; } = true;

    /// <summary>Time scale of the warm-up in steps.</summary>
    public double WarmupGamma { get; init; } = 1;

    /// <summary>Exponent of the warm-up: 2/3 reaches 0.999 after 31,600 steps and 0.9999 after a million; 3/4 after 10,000 and 216,000.</summary>
    public double WarmupPower { get; init; } = 2.0 / 3;

    /// <summary>Smallest decay once averaging has started.</summary>
    public double MinDecay { get; init; }

    /// <summary>Number of steps before averaging starts; until then the average is a copy.</summary>
    public long StartAfter { get; init; }

    /// <summary>Whether there is an average.</summary>
    public bool IsOn => Decay > 0;

    /// <summary>Computes the decay of one step.</summary>
    /// <param name="step">Number of steps, this one included: from 1.</param>
    public double DecayAt(long step)
    {
        var since = Math.Max(0, step - StartAfter - 1);
        return since == 0 ? 0
            : !Warmup ? Decay
            : Math.Max(Math.Min(1 - Math.Pow(1 + (since / WarmupGamma), -WarmupPower), Decay), MinDecay);
    }
}

namespace SketchFlow.Learning.Training;

/// <summary>A running average of the weights, as timm's <c>ModelEmaV3</c>.</summary>
public sealed record EmaOptions
{
    /// <summary>Share of the average that a step keeps, such as 0.9998; 0 is off. About 1 / (1 - decay) steps are remembered.</summary>
    public double Decay { get; init; }

    /// <summary>Grow the decay from 0 as 1 - (1 + step / gamma)^-power: a short run's average is then not stuck at its fresh weights.</summary>
    public bool Warmup { get; init; } = true;

    /// <summary>Warm-up: steps to the first bend.</summary>
    public double WarmupGamma { get; init; } = 1;

    /// <summary>Warm-up: 2/3 reaches 0.999 after 31,600 steps, 0.9999 after a million; 3/4 after 10,000 and 216,000.</summary>
    public double WarmupPower { get; init; } = 2.0 / 3;

    /// <summary>Smallest decay once averaging has begun.</summary>
    public double MinDecay { get; init; }

    /// <summary>Steps before averaging begins; until then the average is a copy.</summary>
    public long StartAfter { get; init; }

    /// <summary>Whether there is an average.</summary>
    public bool IsOn => Decay > 0;

    /// <summary>The decay of one step.</summary>
    /// <param name="step">Steps taken, this one included: from 1.</param>
    public double DecayAt(long step)
    {
        var since = Math.Max(0, step - StartAfter - 1);
        return since == 0 ? 0
            : !Warmup ? Decay
            : Math.Max(Math.Min(1 - Math.Pow(1 + (since / WarmupGamma), -WarmupPower), Decay), MinDecay);
    }
}

namespace SketchFlow.Learning.Precision;

/// <summary>
/// Loss scaling for float16 (Micikevicius et al., "Mixed precision training", ICLR 2018) with the semantics of <c>torch.amp.GradScaler</c>: a step
/// whose gradients are not finite is skipped and reduces the scale; a series of good steps increases it. A run uses one scaler.
/// </summary>
/// <remarks>The gradients are one flat tensor (<c>FlatModel</c>), so the optimizer itself unscales and checks them.</remarks>
/// <param name="options">Settings of the scale.</param>
/// <param name="enabled">False (float32, bf16) keeps the scale at 1; steps whose gradients are not finite are still skipped.</param>
public sealed class GradScaler(GradScalerOptions options, bool enabled)
{
    /// <summary>Factor by which the loss is multiplied before the backward pass.</summary>
    public double Scale { get; private set; } = enabled ? options.InitialScale : 1;

    /// <summary>Number of steps without overflow since the scale last changed.</summary>
    public int GoodSteps { get; private set; }

    /// <summary>Number of steps skipped because a gradient was not finite.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Whether the scale changes (float16).</summary>
    public bool Enabled => enabled;

    /// <summary>Adjusts the scale after a backward pass.</summary>
    /// <param name="gradientsAreFinite">Whether all gradients were finite.</param>
    /// <returns>True when the optimizer may step.</returns>
    public bool Update(bool gradientsAreFinite)
    {
        if (!gradientsAreFinite)
        {
            SkippedSteps++;
        }

        if (enabled)
        {
            if (!gradientsAreFinite)
            {
                Scale *= options.BackoffFactor;
                GoodSteps = 0;
            }
            else if (++GoodSteps == options.GrowthInterval)
            {
                // Like PyTorch's amp_update_scale kernel: a scale that would overflow float32 is kept.
                var grown = Scale * options.GrowthFactor;
                Scale = float.IsFinite((float)grown) ? grown : Scale;
                GoodSteps = 0;
            }
        }

        return gradientsAreFinite;
    }

    /// <summary>Restores a state from a checkpoint.</summary>
    public void Restore(double scale, int goodSteps, long skippedSteps) => (Scale, GoodSteps, SkippedSteps) = (scale, goodSteps, skippedSteps);
}

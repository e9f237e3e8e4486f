using SketchFlow.Learning.Weights;

namespace SketchFlow.Learning.Precision;

/// <summary>
/// Loss scaling for float16 (Micikevicius et al., "Mixed precision training", ICLR 2018) with the semantics of
/// <c>torch.amp.GradScaler</c>: a step whose gradients are not finite is skipped and the scale backs off; after a run of good
/// steps it grows. One scaler lives as long as the run.
/// </summary>
/// <remarks>Gradients lie in one flat tensor, so that unscaling and the check are the optimiser's business: see <see cref="FlatModel"/>.</remarks>
/// <param name="options">How the scale moves.</param>
/// <param name="enabled">False (float32, bf16) keeps the scale at 1 and never changes it; steps that are not finite are skipped all the same.</param>
public sealed class GradScaler(GradScalerOptions options, bool enabled)
{
    /// <summary>What the loss is multiplied by before backward.</summary>
    public double Scale { get; private set; } = enabled ? options.InitialScale : 1;

    /// <summary>Steps without overflow since the scale last moved.</summary>
    public int GoodSteps { get; private set; }

    /// <summary>Steps that were skipped because a gradient was not finite.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>True where the scale moves (float16).</summary>
    public bool Enabled => enabled;

    /// <summary>Takes the outcome of a step: whether all gradients were finite. Returns whether the optimiser may step.</summary>
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
                // As PyTorch's amp_update_scale kernel: a scale that would overflow float32 stays.
                var grown = Scale * options.GrowthFactor;
                Scale = float.IsFinite((float)grown) ? grown : Scale;
                GoodSteps = 0;
            }
        }

        return gradientsAreFinite;
    }

    /// <summary>Puts back a state that a checkpoint kept.</summary>
    public void Restore(double scale, int goodSteps, long skippedSteps) => (Scale, GoodSteps, SkippedSteps) = (scale, goodSteps, skippedSteps);
}

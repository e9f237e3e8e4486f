namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>What keeps a gradient from being too large.</summary>
public enum ClipMode
{
    /// <summary>The 2-norm of the whole gradient is at most <see cref="OptimizerOptions.ClipNorm"/>, as <c>clip_grad_norm_</c>.</summary>
    Norm,

    /// <summary>No element is beyond ± <see cref="OptimizerOptions.ClipValue"/>, as <c>clip_grad_value_</c>.</summary>
    Value,

    /// <summary>Each unit's gradient is at most <see cref="OptimizerOptions.AgcFactor"/> of its weights' norm, but for the classifier (Brock et al., ICML 2021, as timm).</summary>
    Agc,

    /// <summary>Nothing.</summary>
    Off,
}

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Kind of gradient clipping.</summary>
public enum ClipMode
{
    /// <summary>Limits the 2-norm of the whole gradient to <see cref="Optimizer.ClipNorm"/>, as <c>clip_grad_norm_</c>.</summary>
    Norm,

    /// <summary>Limits every element to ± <see cref="Optimizer.ClipValue"/>, as <c>clip_grad_value_</c>.</summary>
    Value,

    /// <summary>
    /// Limits each unit's gradient to <see cref="Optimizer.AgcFactor"/> of its weights' norm, except for the classifier's (Brock et al., ICML 2021,
    /// as timm).
    /// </summary>
    Agc,

    /// <summary>No clipping.</summary>
    Off,
}

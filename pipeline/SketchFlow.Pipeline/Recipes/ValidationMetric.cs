namespace SketchFlow.Pipeline.Recipes;

/// <summary>What a validation is judged by.</summary>
public enum ValidationMetric
{
    /// <summary>Share of images whose highest logit is their class; the larger the better.</summary>
    Accuracy,

    /// <summary>Mean cross entropy without smoothing, in nats; the smaller the better.</summary>
    Loss,
}

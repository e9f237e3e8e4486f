namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Metric that decides which epoch is best.</summary>
public enum ValidationMetric
{
    /// <summary>Share of images whose highest logit is their class; higher is better.</summary>
    Accuracy,

    /// <summary>Mean cross entropy without smoothing, in nats; lower is better.</summary>
    Loss,
}

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>The contents of an experiment's <c>meta.yaml</c> in MLflow's file store; keys are the property names in snake case, in this order.</summary>
internal sealed record MlflowExperimentMeta
{
    /// <summary>Address of the experiment's folder.</summary>
    public required string ArtifactLocation { get; init; }

    /// <summary>Time of creation in milliseconds since 1970, UTC.</summary>
    public required long CreationTime { get; init; }

    /// <summary>Identifier of the experiment.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>Time of the last change in milliseconds since 1970, UTC.</summary>
    public long LastUpdateTime => CreationTime;

    /// <summary>Whether the experiment is active or deleted.</summary>
    public string LifecycleStage { get; init; } = "active";

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }
}

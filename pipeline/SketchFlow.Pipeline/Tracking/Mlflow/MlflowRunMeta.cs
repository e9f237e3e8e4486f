namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>The contents of a run's <c>meta.yaml</c> in MLflow's file store; keys are the property names in snake case, in this order.</summary>
internal sealed record MlflowRunMeta
{
    /// <summary>Address of the folder for artifacts.</summary>
    public required string ArtifactUri { get; init; }

    /// <summary>End of the run in milliseconds since 1970, UTC; null while it is running.</summary>
    public long? EndTime { get; init; }

    /// <summary>Unused by SketchFlow, required by MLflow.</summary>
    public string EntryPointName { get; init; } = "";

    /// <summary>Identifier of the experiment.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>Whether the run is active or deleted.</summary>
    public string LifecycleStage { get; init; } = "active";

    /// <summary>Identifier of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>Name of the run.</summary>
    public required string RunName { get; init; }

    /// <summary>Identifier of the run, repeated under MLflow's older key.</summary>
    public string RunUuid => RunId;

    /// <summary>Unused by SketchFlow, required by MLflow.</summary>
    public string SourceName { get; init; } = "";

    /// <summary>MLflow's number for local sources.</summary>
    public int SourceType { get; init; } = 4;

    /// <summary>Unused by SketchFlow, required by MLflow.</summary>
    public string SourceVersion { get; init; } = "";

    /// <summary>Start of the run in milliseconds since 1970, UTC.</summary>
    public required long StartTime { get; init; }

    /// <summary>Number of the <see cref="MlflowStatus"/>.</summary>
    public int Status { get; init; } = (int)MlflowStatus.Running;

    /// <summary>Always empty: tags are files.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>Name of the user.</summary>
    public required string UserId { get; init; }
}

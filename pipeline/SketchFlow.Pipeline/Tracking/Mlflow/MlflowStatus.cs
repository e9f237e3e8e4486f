namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>MLflow's statuses of a run with their numbers (RunStatus in mlflow/protos/service.proto).</summary>
public enum MlflowStatus
{
    /// <summary>The run is in progress.</summary>
    Running = 1,

    /// <summary>The run ended normally.</summary>
    Finished = 3,

    /// <summary>The run ended with an exception.</summary>
    Failed = 4,

    /// <summary>The run was stopped by the user.</summary>
    Killed = 5,
}

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>MLflow's run statuses (mlflow/protos/service.proto, RunStatus), by their numbers.</summary>
public enum MlflowStatus
{
    /// <summary>Under way.</summary>
    Running = 1,

    /// <summary>Ended as it should.</summary>
    Finished = 3,

    /// <summary>Ended by an exception.</summary>
    Failed = 4,

    /// <summary>Ended by the user.</summary>
    Killed = 5,
}

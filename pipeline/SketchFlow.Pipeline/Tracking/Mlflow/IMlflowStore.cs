namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A store of MLflow experiments and runs: a folder or a server. Calls block, and errors are thrown.</summary>
public interface IMlflowStore : IDisposable
{
    /// <summary>Address of the store, shown in messages and used to identify it.</summary>
    string Location { get; }

    /// <summary>Returns the identifier of the experiment of that name and creates the experiment if necessary.</summary>
    string FindOrCreateExperiment(string name);

    /// <summary>Creates a run and returns its identifier.</summary>
    /// <param name="experiment">Identifier of the experiment.</param>
    /// <param name="name">Name of the run.</param>
    /// <param name="started">Start of the run in milliseconds since 1970, UTC.</param>
    string CreateRun(string experiment, string name, long started);

    /// <summary>Logs parameters and tags; logging the same ones again has no effect.</summary>
    void LogParameters(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags);

    /// <summary>Logs metrics.</summary>
    void LogMetrics(string experiment, string run, IReadOnlyList<MlflowMetric> metrics);

    /// <summary>Sets the status of a run.</summary>
    /// <param name="experiment">Identifier of the experiment.</param>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="status">The new status.</param>
    /// <param name="ended">End of the run in milliseconds since 1970, UTC; null while it is running.</param>
    void SetStatus(string experiment, string run, MlflowStatus status, long? ended);
}

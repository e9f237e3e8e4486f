namespace SketchFlow.Pipeline.Tracking;

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

/// <summary>One number of a run.</summary>
/// <param name="Key">The metric's name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Timestamp">Milliseconds since 1970, UTC.</param>
/// <param name="Step">The epoch.</param>
public readonly record struct MlflowMetric(string Key, double Value, long Timestamp, long Step);

/// <summary>Where MLflow keeps experiments and runs: a folder or a server. Calls block and throw what goes wrong.</summary>
public interface IMlflowStore : IDisposable
{
    /// <summary>Where it is, for people and for telling one store from another.</summary>
    string Where { get; }

    /// <summary>The id of the experiment of that name, which is made where there is none.</summary>
    string Experiment(string name);

    /// <summary>Begins a run and returns its id.</summary>
    /// <param name="experiment">The experiment's id.</param>
    /// <param name="name">The run's name.</param>
    /// <param name="started">Milliseconds since 1970, UTC.</param>
    string CreateRun(string experiment, string name, long started);

    /// <summary>Logs parameters and tags; logging the same ones again changes nothing.</summary>
    void Describe(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags);

    /// <summary>Logs numbers.</summary>
    void Log(string experiment, string run, IReadOnlyList<MlflowMetric> metrics);

    /// <summary>Says how the run is or ended.</summary>
    /// <param name="experiment">The experiment's id.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="status">Its status.</param>
    /// <param name="ended">Milliseconds since 1970, UTC; null where it has not.</param>
    void Update(string experiment, string run, MlflowStatus status, long? ended);
}

/// <summary>A store said no, in a way that asking again does not change: a wrong password, a run that was deleted.</summary>
public sealed class MlflowRefusalException(string message) : Exception(message);

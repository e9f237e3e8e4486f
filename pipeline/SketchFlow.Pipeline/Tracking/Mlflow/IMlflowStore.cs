namespace SketchFlow.Pipeline.Tracking.Mlflow;

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

using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Pipeline.Tracking;

/// <summary>The trackers requested by <c>--track</c> and the environment, as observers of a run; disposing them waits for unsent data.</summary>
public sealed class Trackers : IDisposable
{
    /// <summary>The environment variable with the tracking server or folder that is used without <c>--track</c>; the name is MLflow's.</summary>
    public const string Variable = "MLFLOW_TRACKING_URI";

    /// <summary>The environment variable with the name of the experiment, which is otherwise that of the data set; the name is MLflow's.</summary>
    public const string ExperimentVariable = "MLFLOW_EXPERIMENT_NAME";

    private static readonly string[] _known = ["mlflow", "http", "https", "none"];

    private Trackers(IReadOnlyList<MlflowTracker> observers) => Observers = observers;

    /// <summary>The observers to attach to a run.</summary>
    public IReadOnlyList<IRunObserver> Observers { get; }

    /// <summary>Creates an observer for each requested tracker. TensorBoard's events are not included: every training run writes them.</summary>
    /// <param name="track">
    /// Trackers: <c>mlflow:DIR</c>, <c>http://…</c> or <c>https://…</c>. If the list is empty, the environment is read; <c>none</c> prevents that.
    /// </param>
    /// <param name="log">Receives log messages.</param>
    /// <param name="environment">Returns the value of an environment variable; null reads those of this process.</param>
    /// <exception cref="UsageException">The name of a tracker is invalid.</exception>
    public static Trackers Create(IReadOnlyList<string> track, Action<string> log, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        return new Trackers([.. Stores(track, environment).Select(store => new MlflowTracker(store, Experiment(environment), log))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tracker in Observers.OfType<IDisposable>())
        {
            tracker.Dispose();
        }
    }

    /// <summary>Creates a store for each requested tracker.</summary>
    /// <param name="track">Trackers, see <see cref="Create"/>.</param>
    /// <param name="environment">Returns the value of an environment variable.</param>
    /// <exception cref="UsageException">The name of a tracker is invalid.</exception>
    public static IReadOnlyList<IMlflowStore> Stores(IReadOnlyList<string> track, Func<string, string?> environment)
    {
        IReadOnlyList<string> requested = track.Count > 0 ? track : environment(Variable) is { Length: > 0 } uri ? [uri] : [];
        return [.. requested.Where(name => name != "none").Distinct(StringComparer.Ordinal).Select(name => Store(name, environment))];
    }

    /// <summary>Returns the name of the experiment from the environment, or null if none is set.</summary>
    public static string? Experiment(Func<string, string?> environment) => environment(ExperimentVariable) is { Length: > 0 } name ? name : null;

    private static IMlflowStore Store(string name, Func<string, string?> environment) => name switch
    {
        _ when name.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("https://", StringComparison.OrdinalIgnoreCase) =>
            new MlflowServer(name, environment),
        _ when name.StartsWith("mlflow:", StringComparison.Ordinal) && name.Length > "mlflow:".Length => Files(name["mlflow:".Length..]),
        _ when name.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(name, UriKind.Absolute, out var uri) => Files(uri.LocalPath),
        _ => throw new UsageException(
            $"Unknown tracker {name}{Spelling.DidYouMean(name.Split(':')[0], _known)}, "
            + "expected mlflow:DIR for a folder, http://HOST:PORT for a server, or none."),
    };

    private static MlflowFiles Files(string folder) => File.Exists(folder)
        ? throw new RefusalException($"Expected a folder for MLflow's runs, got the file {folder}.")
        : new MlflowFiles(folder);
}

using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Tracking.Mlflow;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking;

/// <summary>What <c>--track</c> and the environment ask for, as observers of a run; disposing waits for what is not sent yet.</summary>
public sealed class Trackers : IDisposable
{
    private Trackers(IReadOnlyList<MlflowTracker> all) => All = all;

    /// <summary>The observers.</summary>
    public IReadOnlyList<IRunObserver> All { get; }

    /// <summary>The tracking server or folder where no <c>--track</c> is given, as in MLflow.</summary>
    public const string Variable = "MLFLOW_TRACKING_URI";

    /// <summary>The experiment's name where it is not the data set's, as in MLflow.</summary>
    public const string ExperimentVariable = "MLFLOW_EXPERIMENT_NAME";

    /// <summary>Observers for all trackers asked for. TensorBoard's events are not among them: every training writes those by itself.</summary>
    /// <param name="track">Each <c>mlflow:DIR</c>, <c>http://…</c> or <c>https://…</c>; empty asks the environment; <c>none</c> does not.</param>
    /// <param name="log">Takes a line for people.</param>
    /// <param name="environment">Reads an environment variable; the process's own where none is given.</param>
    /// <exception cref="UsageException">A tracker is none of these.</exception>
    public static Trackers Create(IReadOnlyList<string> track, Action<string> log, Func<string, string?>? environment = null)
    {
        environment ??= Environment.GetEnvironmentVariable;
        return new Trackers([.. Stores(track, environment).Select(store => new MlflowTracker(store, Experiment(environment), log))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tracker in All.OfType<IDisposable>())
        {
            tracker.Dispose();
        }
    }

    /// <summary>The stores asked for.</summary>
    /// <param name="track">As <see cref="Create"/> takes them.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="UsageException">A tracker is none of these.</exception>
    public static IReadOnlyList<IMlflowStore> Stores(IReadOnlyList<string> track, Func<string, string?> environment)
    {
        IReadOnlyList<string> asked = track.Count > 0 ? track : environment(Variable) is { Length: > 0 } uri ? [uri] : [];
        // All names are looked at before the first store is made.
        return [.. asked.Where(a => a != "none").Distinct(StringComparer.Ordinal).Select(a => Store(a, environment)).ToList()];
    }

    /// <summary>What the environment calls the experiment; null where it says nothing.</summary>
    public static string? Experiment(Func<string, string?> environment) => environment(ExperimentVariable) is { Length: > 0 } name ? name : null;

    private static IMlflowStore Store(string name, Func<string, string?> environment) => name switch
    {
        _ when name.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("https://", StringComparison.OrdinalIgnoreCase) => new MlflowServer(name, environment),
        _ when name.StartsWith("mlflow:", StringComparison.Ordinal) && name.Length > "mlflow:".Length => Files(name["mlflow:".Length..]),
        _ when name.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(name, UriKind.Absolute, out var uri) => Files(uri.LocalPath),
        _ => throw new UsageException($"The tracker {name} is not understood; write mlflow:DIR for a folder, http://HOST:PORT for a server, or none."),
    };

    private static MlflowFiles Files(string folder) => File.Exists(folder)
        ? throw new RefusalException($"{folder} is a file, where a folder for MLflow's runs is expected.")
        : new MlflowFiles(folder);
}

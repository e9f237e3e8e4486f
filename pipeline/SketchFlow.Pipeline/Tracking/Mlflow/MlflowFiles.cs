using System.Globalization;
using System.Text;
using SketchFlow.Data.Files;
using YamlDotNet.Serialization;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// MLflow's file store, <c>mlruns/</c>, as <c>mlflow ui --backend-store-uri DIR</c> reads it (mlflow/store/tracking/file_store.py): an experiment is a
/// folder with <c>meta.yaml</c>, a run a folder in it with <c>meta.yaml</c>, <c>params/</c>, <c>metrics/</c> and <c>tags/</c>, a file a key.
/// </summary>
/// <param name="root">The folder; made when it is missing.</param>
/// <param name="clock">Creation times.</param>
public sealed class MlflowFiles(string root, TimeProvider? clock = null) : IMlflowStore
{
    private static readonly ISerializer _yaml = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).Build();

    private readonly string _root = Path.GetFullPath(root);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public string Where => $"mlflow:{_root}";

    /// <inheritdoc/>
    public string Experiment(string name)
    {
        if (!Directory.Exists(_root))
        {
            WriteExperiment("0", "Default");
        }

        foreach (var folder in Directory.EnumerateDirectories(_root).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, "meta.yaml");
            if (File.Exists(file) && Meta(file) is { } meta && meta.TryGetValue("name", out var found) && found == name && meta.GetValueOrDefault("lifecycle_stage") != "deleted")
            {
                return meta["experiment_id"];
            }
        }

        // As MLflow draws them: 18 digits.
        var id = Random.Shared.NextInt64(100_000_000_000_000_000, 1_000_000_000_000_000_000).ToString(CultureInfo.InvariantCulture);
        WriteExperiment(id, name);
        return id;
    }

    /// <inheritdoc/>
    public string CreateRun(string experiment, string name, long started)
    {
        var id = Guid.NewGuid().ToString("N");
        foreach (var folder in new[] { "params", "metrics", "tags", "artifacts" })
        {
            Directory.CreateDirectory(Path.Combine(_root, experiment, id, folder));
        }

        Write(experiment, id, "tags", "mlflow.runName", name);
        WriteYaml(Path.Combine(_root, experiment, id, "meta.yaml"), new()
        {
            ["artifact_uri"] = new Uri(Path.Combine(_root, experiment, id, "artifacts")).AbsoluteUri,
            ["end_time"] = null,
            ["entry_point_name"] = "",
            ["experiment_id"] = experiment,
            ["lifecycle_stage"] = "active",
            ["run_id"] = id,
            ["run_name"] = name,
            ["run_uuid"] = id,
            ["source_name"] = "",
            ["source_type"] = 4,
            ["source_version"] = "",
            ["start_time"] = started,
            ["status"] = (int)MlflowStatus.Running,
            ["tags"] = Array.Empty<string>(),
            ["user_id"] = Environment.UserName,
        });
        return id;
    }

    /// <inheritdoc/>
    public void Describe(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags)
    {
        Require(experiment, run);
        foreach (var (key, value) in parameters)
        {
            Write(experiment, run, "params", key, value);
        }

        foreach (var (key, value) in tags)
        {
            Write(experiment, run, "tags", key, value);
        }
    }

    /// <inheritdoc/>
    public void Log(string experiment, string run, IReadOnlyList<MlflowMetric> metrics)
    {
        Require(experiment, run);
        foreach (var key in metrics.GroupBy(m => m.Key))
        {
            var lines = new StringBuilder();
            foreach (var metric in key)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{metric.Timestamp} {Number(metric.Value)} {metric.Step}\n");
            }

            File.AppendAllText(Path.Combine(_root, experiment, run, "metrics", key.Key), lines.ToString());
        }
    }

    /// <inheritdoc/>
    public void Update(string experiment, string run, MlflowStatus status, long? ended)
    {
        Require(experiment, run);
        var file = Path.Combine(_root, experiment, run, "meta.yaml");
        var meta = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object?>>(File.ReadAllText(file));
        meta["status"] = (int)status;
        meta["end_time"] = ended;
        WriteYaml(file, meta);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // Python's float() reads these.
    private static string Number(double value) =>
        double.IsNaN(value) ? "nan" : double.IsInfinity(value) ? (value > 0 ? "inf" : "-inf") : value.ToString("R", CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Meta(string file) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [];

    private static void WriteYaml(string file, Dictionary<string, object?> values) => WholeFile.WriteText(file, _yaml.Serialize(values));

    private void WriteExperiment(string id, string name)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        WriteYaml(Path.Combine(_root, id, "meta.yaml"), new()
        {
            ["artifact_location"] = new Uri(Path.Combine(_root, id)).AbsoluteUri,
            ["creation_time"] = now,
            ["experiment_id"] = id,
            ["last_update_time"] = now,
            ["lifecycle_stage"] = "active",
            ["name"] = name,
        });
    }

    private void Write(string experiment, string run, string folder, string key, string value) =>
        WholeFile.WriteText(Path.Combine(_root, experiment, run, folder, key), value);

    private void Require(string experiment, string run)
    {
        if (!File.Exists(Path.Combine(_root, experiment, run, "meta.yaml")))
        {
            throw new MlflowRefusalException($"there is no run {run} in {Path.Combine(_root, experiment)} any more");
        }
    }
}

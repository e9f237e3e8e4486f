using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>
/// MLflow's file store, <c>mlruns/</c>, as <c>mlflow ui --backend-store-uri DIR</c> reads it (mlflow/store/tracking/file_store.py): an experiment is
/// a folder with <c>meta.yaml</c>; a run is a folder in it with <c>meta.yaml</c>, <c>params/</c>, <c>metrics/</c> and <c>tags/</c>, one file per key.
/// </summary>
/// <remarks>Written by hand: MLflow has no client for .NET, and the files are few and simple.</remarks>
/// <param name="root">Root folder; created if it does not exist.</param>
/// <param name="clock">Clock for creation times; the system's if null.</param>
public sealed class MlflowFiles(string root, TimeProvider? clock = null) : IMlflowStore
{
    private const string MetaFile = "meta.yaml";

    private static readonly ISerializer _yaml = new SerializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .Build();

    private readonly string _root = Path.GetFullPath(root);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public string Location => $"mlflow:{_root}";

    /// <inheritdoc/>
    public string FindOrCreateExperiment(string name)
    {
        if (!Directory.Exists(_root))
        {
            WriteExperiment("0", "Default");
        }

        foreach (var folder in Directory.EnumerateDirectories(_root).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, MetaFile);
            if (File.Exists(file) && ReadExperiment(file) is { } meta && Text(meta, "name") == name && Text(meta, "lifecycle_stage") != "deleted"
                && Text(meta, "experiment_id") is { } id && id == Path.GetFileName(folder))
            {
                return id;
            }
        }

        // MLflow's identifiers have 18 random digits.
        var created = Random.Shared.NextInt64(100_000_000_000_000_000, 1_000_000_000_000_000_000).ToString(CultureInfo.InvariantCulture);
        WriteExperiment(created, name);
        return created;
    }

    /// <inheritdoc/>
    public string CreateRun(string experiment, string name, long started)
    {
        var id = Guid.NewGuid().ToString("N");
        foreach (var folder in new[] { "params", "metrics", "tags", "artifacts" })
        {
            Directory.CreateDirectory(PathOf(experiment, id, folder));
        }

        WriteValue(experiment, id, "tags", "mlflow.runName", name);
        var meta = new MlflowRunMeta
        {
            ArtifactUri = new Uri(PathOf(experiment, id, "artifacts")).AbsoluteUri,
            ExperimentId = experiment,
            RunId = id,
            RunName = name,
            StartTime = started,
            UserId = Environment.UserName,
        };
        WriteYaml(PathOf(experiment, id, MetaFile), meta);
        return id;
    }

    /// <inheritdoc/>
    public void LogParameters(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags)
    {
        RequireRun(experiment, run);
        foreach (var (key, value) in parameters)
        {
            WriteValue(experiment, run, "params", key, value);
        }

        foreach (var (key, value) in tags)
        {
            WriteValue(experiment, run, "tags", key, value);
        }
    }

    /// <inheritdoc/>
    public void LogMetrics(string experiment, string run, IReadOnlyList<MlflowMetric> metrics)
    {
        RequireRun(experiment, run);
        foreach (var key in metrics.GroupBy(m => m.Key))
        {
            var lines = new StringBuilder();
            foreach (var metric in key)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{metric.Timestamp} {Number(metric.Value)} {metric.Step}\n");
            }

            File.AppendAllText(PathOf(experiment, run, "metrics", key.Key), lines.ToString());
        }
    }

    /// <inheritdoc/>
    public void SetStatus(string experiment, string run, MlflowStatus status, long? ended)
    {
        RequireRun(experiment, run);
        var file = PathOf(experiment, run, MetaFile);

        // Keys that MLflow has added to the file are kept.
        var meta = YamlJson.ReadFile(file) as JsonObject ?? throw new MlflowRefusalException($"{file} is not a mapping");
        meta["status"] = (int)status;
        meta["end_time"] = ended;
        WholeFile.WriteText(file, YamlJson.Write(meta));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // The spelling of Python's float().
    private static string Number(double value) =>
        double.IsNaN(value) ? "nan" : double.IsInfinity(value) ? (value > 0 ? "inf" : "-inf") : value.ToString("R", CultureInfo.InvariantCulture);

    // An experiment whose file cannot be read is none of ours.
    private static JsonObject? ReadExperiment(string file)
    {
        try
        {
            return YamlJson.ReadFileAsText(file) as JsonObject;
        }
        catch (RefusalException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject meta, string key) => meta[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void WriteYaml(string file, object meta) => WholeFile.WriteText(file, _yaml.Serialize(meta));

    private void WriteExperiment(string id, string name) => WriteYaml(PathOf(id, MetaFile), new MlflowExperimentMeta
    {
        ArtifactLocation = new Uri(PathOf(id)).AbsoluteUri,
        CreationTime = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        ExperimentId = id,
        Name = name,
    });

    private void WriteValue(string experiment, string run, string folder, string key, string value) =>
        WholeFile.WriteText(PathOf(experiment, run, folder, key), value);

    private void RequireRun(string experiment, string run)
    {
        if (!File.Exists(PathOf(experiment, run, MetaFile)))
        {
            throw new MlflowRefusalException($"the run {run} in {PathOf(experiment)} was deleted");
        }
    }

    // Identifiers and names come from files that others may have written; none leads out of the folder.
    private string PathOf(params string[] parts) => Array.Find(parts, p => !FileNames.IsPlain(p)) is { } part
        ? throw new MlflowRefusalException($"\"{PrintableText.Line(part)}\" cannot be the name of a file in {_root}")
        : Path.Combine([_root, .. parts]);
}

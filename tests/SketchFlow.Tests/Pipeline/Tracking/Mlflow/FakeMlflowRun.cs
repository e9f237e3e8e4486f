using System.Text.Json.Nodes;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

internal sealed class FakeMlflowRun
{
    public required string Experiment { get; init; }

    public required string Name { get; init; }

    public string Status { get; set; } = "RUNNING";

    public long? EndTime { get; set; }

    public Dictionary<string, string> Params { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    public List<(string Key, double Value, long Step)> Metrics { get; } = [];

    /// <summary>Takes a batch; the sentence says what MLflow would refuse.</summary>
    public string? Take(JsonObject body)
    {
        var (parameters, tags, metrics) = (body["params"]?.AsArray() ?? [], body["tags"]?.AsArray() ?? [], body["metrics"]?.AsArray() ?? []);
        if (parameters.Count > 100 || tags.Count > 100 || metrics.Count > 1000)
        {
            return "a batch has at most 100 params, 100 tags and 1000 metrics";
        }

        foreach (var one in parameters)
        {
            var (key, value) = (one!["key"]!.GetValue<string>(), one["value"]!.GetValue<string>());
            if (Params.TryGetValue(key, out var before) && before != value)
            {
                return $"param {key} is logged already with another value";
            }

            if (value.Length > 6000 || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ' ' or '/' or ':')))
            {
                return $"param {key} is too long or has an odd name";
            }

            Params[key] = value;
        }

        foreach (var one in tags)
        {
            Tags[one!["key"]!.GetValue<string>()] = one["value"]!.GetValue<string>();
        }

        foreach (var one in metrics)
        {
            Metrics.Add((one!["key"]!.GetValue<string>(), one["value"]!.GetValue<double>(), one["step"]!.GetValue<long>()));
        }

        return null;
    }
}

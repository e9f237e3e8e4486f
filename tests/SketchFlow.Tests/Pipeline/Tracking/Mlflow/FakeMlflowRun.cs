using System.Text.Json;
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

    /// <summary>Receives a batch; returns the reason if MLflow would reject it.</summary>
    public string? Receive(JsonObject body)
    {
        var (parameters, tags, metrics) = (body["params"]?.AsArray() ?? [], body["tags"]?.AsArray() ?? [], body["metrics"]?.AsArray() ?? []);
        if (parameters.Count > 100 || tags.Count > 100 || metrics.Count > 1000)
        {
            return "a batch has at most 100 params, 100 tags and 1000 metrics";
        }

        foreach (var item in parameters)
        {
            var (key, value) = (item!["key"]!.GetValue<string>(), item["value"]!.GetValue<string>());
            if (Params.TryGetValue(key, out var before) && before != value)
            {
                return $"param {key} is logged already with another value";
            }

            if (value.Length > 6000 || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ' ' or '/' or ':')))
            {
                return $"param {key} is too long or has an invalid name";
            }

            Params[key] = value;
        }

        foreach (var item in tags)
        {
            Tags[item!["key"]!.GetValue<string>()] = item["value"]!.GetValue<string>();
        }

        foreach (var item in metrics)
        {
            Metrics.Add((item!["key"]!.GetValue<string>(), Number(item["value"]!), item["step"]!.GetValue<long>()));
        }

        return null;
    }

    // Protobuf's JSON writes numbers that are not finite as text.
    private static double Number(JsonNode value) => value.GetValueKind() == JsonValueKind.Number
        ? value.GetValue<double>()
        : value.GetValue<string>() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var other => throw new FormatException($"'{other}' is not a number."),
        };
}

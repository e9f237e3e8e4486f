using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A tracking server with MLflow's REST interface, version 2.0 (mlflow/protos/service.proto).</summary>
/// <remarks>
/// Written by hand: MLflow has no client for .NET, and five calls are needed. It authenticates like MLflow's client with
/// <c>MLFLOW_TRACKING_TOKEN</c>, or <c>MLFLOW_TRACKING_USERNAME</c> and <c>MLFLOW_TRACKING_PASSWORD</c>.
/// </remarks>
public sealed class MlflowServer : IMlflowStore
{
    // Limits of mlflow/utils/validation.py for one log-batch, and for the length of a value.
    private const int MaxParameters = 100;
    private const int MaxMetrics = 1000;
    private const int MaxValueLength = 6000;

    // Answers have a few hundred bytes; one of an experiment with many tags a few thousand.
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly HttpClient _client;

    /// <summary>Prepares the client; no call is made.</summary>
    /// <param name="address">Address of the server, such as <c>http://host:5000</c>; it may include a path.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="timeout">Longest wait for an answer; null is 10 s.</param>
    /// <exception cref="UsageException">The address is not an http or https address.</exception>
    public MlflowServer(string address, Func<string, string?> environment, TimeSpan? timeout = null)
    {
        if (!Uri.TryCreate($"{address.TrimEnd('/')}/api/2.0/mlflow/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"Expected the address of a tracking server such as http://HOST:PORT or https://HOST, got {address}.");
        }

        Location = address.TrimEnd('/');
        _client = new HttpClient { BaseAddress = uri, Timeout = timeout ?? TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxAnswerBytes };
        if (environment("MLFLOW_TRACKING_TOKEN") is { Length: > 0 } token)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else if (environment("MLFLOW_TRACKING_USERNAME") is { Length: > 0 } user)
        {
            var pair = $"{user}:{environment("MLFLOW_TRACKING_PASSWORD")}";
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public string FindOrCreateExperiment(string name)
    {
        var found = FindExperiment(name);
        if (found is not null)
        {
            return found;
        }

        var (status, answer) = Send(HttpMethod.Post, "experiments/create", new() { ["name"] = name });
        // Another run may have created it in the meantime.
        return status == HttpStatusCode.OK ? Text(answer, "experiment_id") : FindExperiment(name) ?? throw Error(status, answer);
    }

    /// <inheritdoc/>
    public string CreateRun(string experiment, string name, long started) => Text(
        Post("runs/create", new()
        {
            ["experiment_id"] = experiment,
            ["run_name"] = name,
            ["user_id"] = Environment.UserName,
            ["start_time"] = started,
            ["tags"] = new JsonArray(Pair("mlflow.runName", name)),
        }),
        "run", "info", "run_id");

    /// <inheritdoc/>
    public void LogParameters(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var batch in parameters.Chunk(MaxParameters))
        {
            Post("runs/log-batch", new() { ["run_id"] = run, ["params"] = Pairs(batch) });
        }

        Post("runs/log-batch", new() { ["run_id"] = run, ["tags"] = Pairs(tags) });
    }

    /// <inheritdoc/>
    public void LogMetrics(string experiment, string run, IReadOnlyList<MlflowMetric> metrics)
    {
        foreach (var batch in metrics.Chunk(MaxMetrics))
        {
            Post("runs/log-batch", new()
            {
                ["run_id"] = run,
                ["metrics"] = new JsonArray([.. batch.Select(Metric)]),
            });
        }
    }

    /// <inheritdoc/>
    public void SetStatus(string experiment, string run, MlflowStatus status, long? ended)
    {
        var body = new JsonObject { ["run_id"] = run, ["status"] = status.ToString().ToUpperInvariant() };
        if (ended is { } at)
        {
            body["end_time"] = at;
        }

        Post("runs/update", body);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static JsonObject Metric(MlflowMetric metric) =>
        new() { ["key"] = metric.Key, ["value"] = Number(metric.Value), ["timestamp"] = metric.Timestamp, ["step"] = metric.Step };

    // The spelling of Protobuf's JSON.
    private static JsonNode Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : value;

    private static JsonObject Pair(string key, string value) =>
        new() { ["key"] = key, ["value"] = value.Length > MaxValueLength ? value[..MaxValueLength] : value };

    private static JsonArray Pairs(IEnumerable<KeyValuePair<string, string>> pairs) => new([.. pairs.Select(p => Pair(p.Key, p.Value))]);

    private string? FindExperiment(string name)
    {
        var (status, answer) = Send(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}", null);
        return status switch
        {
            HttpStatusCode.OK => Text(answer, "experiment", "experiment_id"),
            HttpStatusCode.NotFound when FindText(answer, "error_code") == "RESOURCE_DOES_NOT_EXIST" => null,
            _ => throw Error(status, answer),
        };
    }

    private JsonNode Post(string path, JsonObject body)
    {
        var (status, answer) = Send(HttpMethod.Post, path, body);
        return status == HttpStatusCode.OK && answer is not null ? answer : throw Error(status, answer);
    }

    private (HttpStatusCode Status, JsonNode? Answer) Send(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = _client.Send(request);
        using var stream = response.Content.ReadAsStream();
        try
        {
            return (response.StatusCode, stream.Length == 0 ? new JsonObject() : JsonNode.Parse(stream, documentOptions: Strict));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return (response.StatusCode, null);
        }
    }

    private static string Text(JsonNode? answer, params string[] path) => FindText(answer, path) ?? throw new MlflowRefusalException(
        $"its answer has no {path[^1]}, so it is not an MLflow server or has another version");

    // An answer may be any JSON: a list, a number, objects where texts are expected.
    private static string? FindText(JsonNode? answer, params string[] path)
    {
        foreach (var key in path)
        {
            answer = answer is JsonObject map && map.TryGetPropertyValue(key, out var value) ? value : null;
        }

        try
        {
            return answer is JsonValue leaf && leaf.TryGetValue<string>(out var text) && text.Length is > 0 and <= MaxValueLength ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which is found only when the text is read.
            return null;
        }
    }

    // Too many requests, timeouts and internal errors are temporary; all others are permanent.
    private static Exception Error(HttpStatusCode status, JsonNode? answer)
    {
        var detail = FindText(answer, "message") is { } message ? $" ({PrintableText.Line(message)})" : "";
        var description = $"it answered {(int)status} {status}{detail}";
        return status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500
            ? new HttpRequestException(description)
            : new MlflowRefusalException(description);
    }
}

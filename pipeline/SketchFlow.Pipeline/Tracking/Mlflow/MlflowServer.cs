using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A tracking server over MLflow's REST interface, version 2.0 (mlflow/protos/service.proto).</summary>
/// <remarks>Signs in with <c>MLFLOW_TRACKING_TOKEN</c>, or <c>MLFLOW_TRACKING_USERNAME</c> and <c>MLFLOW_TRACKING_PASSWORD</c>, as MLflow's own client does.</remarks>
public sealed class MlflowServer : IMlflowStore
{
    // What mlflow/utils/validation.py lets through in one log-batch, and in one value.
    private const int MostParameters = 100;
    private const int MostMetrics = 1000;
    private const int LongestValue = 6000;

    private readonly HttpClient _client;

    /// <summary>Prepares the calls; none is made.</summary>
    /// <param name="address">The server, such as <c>http://host:5000</c>; a path in front of the interface is kept.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="timeout">The longest wait for one answer; 10 s where none is given.</param>
    /// <exception cref="UsageException">The address is no http or https address.</exception>
    public MlflowServer(string address, Func<string, string?> environment, TimeSpan? timeout = null)
    {
        if (!Uri.TryCreate($"{address.TrimEnd('/')}/api/2.0/mlflow/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"{address} is no address of a tracking server; write http://HOST:PORT or https://HOST.");
        }

        Where = address.TrimEnd('/');
        _client = new HttpClient { BaseAddress = uri, Timeout = timeout ?? TimeSpan.FromSeconds(10) };
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
    public string Where { get; }

    /// <inheritdoc/>
    public string Experiment(string name)
    {
        var found = Find(name);
        if (found is not null)
        {
            return found;
        }

        var (status, answer) = Send(HttpMethod.Post, "experiments/create", new() { ["name"] = name });
        // Another run may have made it in between.
        return status == HttpStatusCode.OK ? Text(answer, "experiment_id") : Find(name) ?? throw Wrong(status, answer);
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
        })["run"]?["info"],
        "run_id");

    /// <inheritdoc/>
    public void Describe(string experiment, string run, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var some in parameters.Chunk(MostParameters))
        {
            Post("runs/log-batch", new() { ["run_id"] = run, ["params"] = Pairs(some) });
        }

        Post("runs/log-batch", new() { ["run_id"] = run, ["tags"] = Pairs(tags) });
    }

    /// <inheritdoc/>
    public void Log(string experiment, string run, IReadOnlyList<MlflowMetric> metrics)
    {
        foreach (var some in metrics.Chunk(MostMetrics))
        {
            Post("runs/log-batch", new()
            {
                ["run_id"] = run,
                ["metrics"] = new JsonArray([.. some.Select(m => new JsonObject { ["key"] = m.Key, ["value"] = Number(m.Value), ["timestamp"] = m.Timestamp, ["step"] = m.Step })]),
            });
        }
    }

    /// <inheritdoc/>
    public void Update(string experiment, string run, MlflowStatus status, long? ended)
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

    // Protobuf's JSON has no other way to write these.
    private static JsonNode Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : value;

    private static JsonObject Pair(string key, string value) =>
        new() { ["key"] = key, ["value"] = value.Length > LongestValue ? value[..LongestValue] : value };

    private static JsonArray Pairs(IEnumerable<KeyValuePair<string, string>> pairs) => new([.. pairs.Select(p => Pair(p.Key, p.Value))]);

    private string? Find(string name)
    {
        var (status, answer) = Send(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}", null);
        return status switch
        {
            HttpStatusCode.OK => Text(answer?["experiment"], "experiment_id"),
            HttpStatusCode.NotFound when answer?["error_code"]?.GetValue<string>() == "RESOURCE_DOES_NOT_EXIST" => null,
            _ => throw Wrong(status, answer),
        };
    }

    private JsonNode Post(string path, JsonObject body)
    {
        var (status, answer) = Send(HttpMethod.Post, path, body);
        return status == HttpStatusCode.OK && answer is not null ? answer : throw Wrong(status, answer);
    }

    private (HttpStatusCode Status, JsonNode? Answer) Send(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = _client.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        var text = reader.ReadToEnd();
        try
        {
            return (response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            return (response.StatusCode, null);
        }
    }

    private static string Text(JsonNode? answer, string key) =>
        answer?[key]?.GetValue<string>() ?? throw new MlflowRefusalException($"its answer has no {key}: it is no MLflow server, or one of another version");

    // Too many requests, time-outs and a server's own trouble pass; the rest does not.
    private static Exception Wrong(HttpStatusCode status, JsonNode? answer)
    {
        var words = $"it answered {(int)status} {status}{(answer?["message"]?.ToString() is { Length: > 0 } message ? $" ({message})" : "")}";
        return status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500
            ? new HttpRequestException(words)
            : new MlflowRefusalException(words);
    }
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

/// <summary>An in-memory tracking server with the part of MLflow's REST interface that training uses. It rejects the same requests as MLflow.</summary>
internal sealed class FakeMlflow : IDisposable
{
    private readonly LocalServer _server;
    private readonly Lock _lock = new();

    public FakeMlflow() => _server = new LocalServer(ServeAsync);

    public string Address => _server.Address;

    public Dictionary<string, string> Experiments { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FakeMlflowRun> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>Number of calls that are answered with 503.</summary>
    public int Failures { get; set; }

    /// <summary>Status and body of every answer, for all requests; null answers as MLflow does.</summary>
    public (int Status, string Body)? Always { get; set; }

    /// <summary>Value of the Authorization header that every call must have.</summary>
    public string? Authorization { get; set; }

    public int Calls { get; private set; }

    public void Dispose() => _server.Dispose();

    private async Task ServeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var (status, json) = Always is null ? Answer(context.Request, body.Length == 0 ? null : JsonNode.Parse(body)!.AsObject()) : (0, []);
        context.Response.StatusCode = Always?.Status ?? status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Always?.Body ?? json.ToJsonString());
    }

    private (int, JsonObject) Answer(HttpRequest request, JsonObject? body)
    {
        lock (_lock)
        {
            Calls++;
            if (Failures > 0)
            {
                Failures--;
                return (503, new JsonObject { ["error_code"] = "TEMPORARILY_UNAVAILABLE" });
            }

            if (Authorization is not null && request.Headers["Authorization"] != Authorization)
            {
                return (401, new JsonObject { ["error_code"] = "UNAUTHENTICATED", ["message"] = "not signed in" });
            }

            switch ($"{request.Method} {request.Path}")
            {
                case "GET /api/2.0/mlflow/experiments/get-by-name":
                    return Experiments.TryGetValue(request.Query["experiment_name"].Single()!, out var id)
                        ? (200, new JsonObject { ["experiment"] = new JsonObject { ["experiment_id"] = id } })
                        : (404, new JsonObject { ["error_code"] = "RESOURCE_DOES_NOT_EXIST" });
                case "POST /api/2.0/mlflow/experiments/create":
                    Experiments.Add(body!["name"]!.GetValue<string>(), $"{Experiments.Count + 1}");
                    return (200, new JsonObject { ["experiment_id"] = $"{Experiments.Count}" });
                case "POST /api/2.0/mlflow/runs/create":
                    var run = $"run{Runs.Count + 1}";
                    var (experiment, name) = (body!["experiment_id"]!.GetValue<string>(), body["run_name"]!.GetValue<string>());
                    Runs[run] = new FakeMlflowRun { Experiment = experiment, Name = name };
                    return (200, new JsonObject { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = run } } });
                case "POST /api/2.0/mlflow/runs/log-batch" when Runs.TryGetValue(body!["run_id"]!.GetValue<string>(), out var known):
                    return known.Receive(body) is { } fault
                        ? (400, new JsonObject { ["error_code"] = "INVALID_PARAMETER_VALUE", ["message"] = fault })
                        : (200, []);
                case "POST /api/2.0/mlflow/runs/update" when Runs.TryGetValue(body!["run_id"]!.GetValue<string>(), out var known):
                    (known.Status, known.EndTime) = (body["status"]!.GetValue<string>(), body["end_time"]?.GetValue<long>());
                    return (200, []);
                default:
                    var call = $"{request.Method} {request.Path}";
                    return (404, new JsonObject { ["error_code"] = "RESOURCE_DOES_NOT_EXIST", ["message"] = call });
            }
        }
    }
}

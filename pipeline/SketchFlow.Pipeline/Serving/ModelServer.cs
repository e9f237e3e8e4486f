using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Serving.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving;

/// <summary>Answers requests over HTTP with the classes of images.</summary>
internal sealed class ModelServer : IServerPart, IAsyncDisposable
{
    private const string RatePolicy = "predict";

    private readonly IClassificationEngine _engine;
    private readonly ServerOptions _options;
    private readonly ClassificationQueue _queue;
    private WebServer? _server;
    private volatile bool _isStopping;

    private ModelServer(IClassificationEngine engine, ServerOptions options)
    {
        (_engine, _options) = (engine, options);
        _queue = new ClassificationQueue(engine, options, Metrics);
    }

    /// <summary>Address of the server, such as <c>http://127.0.0.1:8000</c>.</summary>
    public string Address => _server!.Address;

    /// <summary>Counts and times.</summary>
    public ServerMetrics Metrics { get; } = new();

    /// <summary>Fails if the engine can answer no more requests; the server then stops in vain.</summary>
    public Task Ended => _queue.Ended;

    /// <summary>Starts a server.</summary>
    /// <param name="engine">The engine; the caller keeps ownership.</param>
    /// <param name="options">Settings.</param>
    /// <param name="others">Further parts of the server; the caller keeps ownership.</param>
    /// <exception cref="UsageException">The address is open, and there is no token.</exception>
    /// <exception cref="RefusalException">The port is not free, or the address is not one of this computer.</exception>
    public static async Task<ModelServer> StartAsync(IClassificationEngine engine, ServerOptions options, params IReadOnlyList<IServerPart> others)
    {
        var model = new ModelServer(engine, options);
        try
        {
            model._server = await WebServer.StartAsync(options, [model, .. others]);
            return model;
        }
        catch
        {
            await model.DisposeAsync();
            throw;
        }
    }

    /// <summary>Accepts no more requests, answers those that were accepted, and ends.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        await _server!.StopAsync();
        _queue.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _queue.Dispose();
    }

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        services.AddRateLimiter(ConfigureRate);
        services.AddOpenApi(openApi => openApi.AddDocumentTransformer(OpenApiText.DescribeDocumentAsync));
    }

    /// <inheritdoc/>
    public void Map(WebApplication app)
    {
        app.UseRateLimiter();
        var predict = new PredictEndpoint(_queue, _options, _engine.Classes.Length);
        // As a RequestDelegate, which the compiler would choose, its result would be lost.
        app.MapPost("/predict", (Delegate)predict.AnswerAsync)
            .RequireRateLimiting(RatePolicy)
            .WithName("predict")
            .WithTags("SketchFlow")
            .Produces<PredictedImage>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddOpenApiOperationTransformer(OpenApiText.DescribePredictAsync);
        app.MapGet("/health", Health).WithName("health").WithTags("SketchFlow").WithSummary("Say whether the server answers, and with which model.");
        app.MapMetrics("/metrics", Metrics.Registry);
        app.MapOpenApi("/openapi.json");
        app.MapGet("/draw", new Page("draw.html").Show).ExcludeFromDescription();
        app.MapGet("/draw.js", new Page("draw.js").Show).ExcludeFromDescription();
    }

    /// <inheritdoc/>
    public void Answered(HttpContext context, TimeSpan time)
    {
        if (context.Request.Path == "/predict")
        {
            Metrics.CountRequest(context.Response.StatusCode, time);
        }
    }

    private void ConfigureRate(RateLimiterOptions limiter)
    {
        limiter.AddPolicy(RatePolicy, context => _options.Rate is { } rate
            ? RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress!.ToString(), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = rate,
                TokensPerPeriod = rate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            })
            : RateLimitPartition.GetNoLimiter(""));
        limiter.OnRejected = (rejected, _) => new ValueTask(Problem.WriteAsync(
            rejected.HttpContext,
            StatusCodes.Status429TooManyRequests,
            $"More than {_options.Rate} requests per second came from this address (--rate); send the request again later.",
            retryAfter: 1));
    }

    private IResult Health() => Results.Json(
        new
        {
            Status = _isStopping ? "stopping" : "ok",
            Model = _engine.Title,
            Classes = _engine.Classes.Length,
            Engine = _engine.Name,
            MaxBatch = _queue.MaxBatch,
            Queue = Metrics.Queue,
        },
        statusCode: _isStopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
}

using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prometheus;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Serving.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving;

/// <summary>Answers requests over HTTP with the classes of images.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private const string RatePolicy = "predict";

    private readonly IClassificationEngine _engine;
    private readonly ServerOptions _options;
    private readonly ClassificationQueue _queue;
    private readonly AccessCheck _access;
    private readonly WebApplication _app;
    private volatile bool _isStopping;

    private ModelServer(IClassificationEngine engine, ServerOptions options)
    {
        (_engine, _options, _access) = (engine, options, new AccessCheck(options));
        _queue = new ClassificationQueue(engine, options, Metrics);
        _app = Build();
    }

    /// <summary>Address of the server, such as <c>http://127.0.0.1:8000</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Counts and times.</summary>
    public ServerMetrics Metrics { get; } = new();

    /// <summary>Fails if the engine can answer no more requests; the server then stops in vain.</summary>
    public Task Ended => _queue.Ended;

    /// <summary>Starts a server.</summary>
    /// <param name="engine">The engine; the caller keeps ownership.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="UsageException">The address is open, and there is no token.</exception>
    /// <exception cref="RefusalException">The port is not free, or the address is not one of this computer.</exception>
    public static async Task<ModelServer> StartAsync(IClassificationEngine engine, ServerOptions options)
    {
        if (options is { IsOpen: true, Token: null })
        {
            throw new UsageException(
                $"{options.Address} is open to other computers, and --token is missing; give a secret that clients must send, "
                + "such as one of openssl rand -hex 16.");
        }

        var server = new ModelServer(engine, options);
        try
        {
            await server._app.StartAsync();
            server.Address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            return server;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await server.DisposeAsync();
            throw new RefusalException(DescribeFailure(e, options), e);
        }
    }

    /// <summary>Accepts no more requests, answers those that were accepted, and ends.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        await _app.StopAsync();
        _queue.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _queue.Dispose();
    }

    private static string DescribeFailure(Exception error, ServerOptions options) => error.InnerException switch
    {
        Microsoft.AspNetCore.Connections.AddressInUseException =>
            $"Port {options.Port} of {options.Address} is in use by another program; choose another with --port, or --port 0 for any that is free.",
        _ => $"The server cannot listen on port {options.Port} of {options.Address}: {PrintableText.Reason(error, 300)}; "
            + "choose others with --listen and --port.",
    };

    private WebApplication Build()
    {
        // Nothing is read from the current folder, the environment or the command line, and nothing is logged.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "sketchflow" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureKestrel);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _options.StopTimeout);
        builder.Services.AddRouting();
        builder.Services.AddRateLimiter(ConfigureRate);
        builder.Services.AddOpenApi(openApi => openApi.AddDocumentTransformer(OpenApiText.DescribeDocumentAsync));
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        var app = builder.Build();
        app.Use(HandleAsync);
        app.UseRouting();
        app.UseRateLimiter();
        MapEndpoints(app);
        return app;
    }

    private void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(_options.Address, _options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        // The server counts bytes itself, so that its own sentence says what was wrong.
        kestrel.Limits.MaxRequestBodySize = _options.MaxBytes + 1;
        kestrel.Limits.MaxConcurrentConnections = 4096;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
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

    private void MapEndpoints(WebApplication app)
    {
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
        app.MapGet("/", new Page("index.html").Show).ExcludeFromDescription();
        app.MapGet("/draw", new Page("draw.html").Show).ExcludeFromDescription();
        app.MapGet("/draw.css", new Page("draw.css").Show).ExcludeFromDescription();
        app.MapGet("/draw.js", new Page("draw.js").Show).ExcludeFromDescription();
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

    // The outermost part: every response has the same headers, and every refusal the same form.
    private async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var start = Stopwatch.GetTimestamp();
        Page.AddHeaders(context.Response.Headers);
        try
        {
            _access.Check(context);
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
            {
                await Problem.WriteAsync(context, context.Response.StatusCode, Problem.SentenceFor(context));
            }
        }
        catch (RequestRefusedException refused)
        {
            await Problem.WriteAsync(context, refused.Status, refused.Message, refused.RetryAfter);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            await Problem.WriteAsync(context, bad.StatusCode, bad.StatusCode is 408 or 413 ? Problem.SentenceFor(context) : $"{bad.Message.TrimEnd('.')}.");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left; nobody reads a response.
            context.Response.StatusCode = ServerMetrics.ClientLeft;
        }
        catch (Exception e)
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status500InternalServerError, $"The server failed: {PrintableText.Reason(e, 200)}. Please report this.");
        }

        if (context.Request.Path == "/predict")
        {
            Metrics.CountRequest(context.Response.StatusCode, Stopwatch.GetElapsedTime(start));
        }
    }
}

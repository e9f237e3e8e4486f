using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Serving.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving;

/// <summary>An HTTP server of parts, with the rules that hold for all of them: who may ask, limits, headers, and the form of refusals.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly IReadOnlyList<IServerPart> _parts;
    private readonly AccessCheck _access;
    private readonly WebApplication _app;

    private WebServer(ServerOptions options, IReadOnlyList<IServerPart> parts)
    {
        (_options, _parts, _access) = (options, parts, new AccessCheck(options));
        _app = Build();
    }

    /// <summary>Address of the server, such as <c>http://127.0.0.1:8000</c>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts a server.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="parts">Parts of the server; the caller keeps ownership.</param>
    /// <exception cref="UsageException">The address is open, and there is no token.</exception>
    /// <exception cref="RefusalException">The port is not free, or the address is not one of this computer.</exception>
    public static async Task<WebServer> StartAsync(ServerOptions options, params IReadOnlyList<IServerPart> parts)
    {
        if (options is { IsOpen: true, Token: null })
        {
            throw new UsageException(
                $"{options.Address} is open to other computers, and --token is missing; give a secret that clients must send, "
                + "such as one of openssl rand -hex 16.");
        }

        var server = new WebServer(options, parts);
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
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

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
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        foreach (var part in _parts)
        {
            part.AddServices(builder.Services);
        }

        var app = builder.Build();
        app.Use(HandleAsync);
        app.UseRouting();
        foreach (var part in _parts)
        {
            part.Map(app);
        }

        // A part may have another first page.
        app.MapGet("/", new Page("index.html").Show).ExcludeFromDescription().WithOrder(1);
        app.MapGet("/start.js", new Page("start.js").Show).ExcludeFromDescription();
        app.MapGet("/draw.css", new Page("draw.css").Show).ExcludeFromDescription();
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

        foreach (var part in _parts)
        {
            part.Answered(context, Stopwatch.GetElapsedTime(start));
        }
    }
}

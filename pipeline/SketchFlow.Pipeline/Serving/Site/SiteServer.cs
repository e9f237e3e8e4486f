using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Hosting;
using SketchFlow.Pipeline.Reporting;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Serving.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving.Site;

/// <summary>Shows the pages below <c>artifacts/reports</c>, and tells open pages when they have changed (server-sent events).</summary>
internal sealed class SiteServer : IServerPart, IDisposable
{
    private const string Folder = "/reports";
    private const int MostListeners = 256;

    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    // What verbs write below artifacts/reports; anything else there is not shown.
    private static readonly Dictionary<string, string> _types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".csv"] = "text/csv; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".md"] = "text/plain; charset=utf-8",
        [".png"] = "image/png",
    };

    private readonly Artifacts _artifacts;
    private readonly AccessCheck _access;
    private readonly bool _hasModel;
    private readonly SitePages _pages;
    private int _listeners;

    /// <summary>Creates the part.</summary>
    /// <param name="artifacts">Folder of artifacts; its folder of reports is created.</param>
    /// <param name="options">Settings of the server.</param>
    /// <param name="hasModel">Whether the server has a model besides.</param>
    /// <param name="warn">Receives warnings, such as of runs that cannot be read.</param>
    public SiteServer(Artifacts artifacts, ServerOptions options, bool hasModel, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        (_artifacts, _access, _hasModel, _pages) = (artifacts, new AccessCheck(options), hasModel, new SitePages(artifacts, warn));
        Directory.CreateDirectory(artifacts.Reports);
    }

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services)
    {
        // Routing and static files need no service of their own.
    }

    /// <inheritdoc/>
    public void Map(WebApplication app)
    {
        app.Use(RefreshAsync);
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = Folder,
            FileProvider = new PhysicalFileProvider(Path.GetFullPath(_artifacts.Reports), ExclusionFilters.Sensitive),
            ContentTypeProvider = new FileExtensionContentTypeProvider(_types),
            OnPrepareResponse = response => Page.AddReportHeaders(response.Context.Response.Headers),
        });
        // Without the token, the first page asks for it.
        var start = new Page("index.html");
        app.MapGet("/", context => (_access.HasToken(context.Request) ? Results.Redirect($"{Folder}/{ReportFiles.PageName}") : start.Show(context))
            .ExecuteAsync(context)).ExcludeFromDescription();
        app.MapGet(Folder, () => Results.Redirect($"{Folder}/{ReportFiles.PageName}")).ExcludeFromDescription();
        app.MapGet("/events", Listen).ExcludeFromDescription();
        if (!_hasModel)
        {
            app.MapGet("/health", () => Results.Json(new { Status = "ok" })).ExcludeFromDescription();
            app.MapPost("/predict", NoModel).ExcludeFromDescription();
            app.MapGet("/draw", NoModel).ExcludeFromDescription();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    private static IResult NoModel() => throw new RequestRefusedException(
        StatusCodes.Status404NotFound, "This server has no model; start it with: sketchflow serve --run NAME.");

    private async Task RefreshAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(Folder, StringComparison.Ordinal, out var rest) && rest.HasValue)
        {
            if (_pages.Find(rest.Value) is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await _pages.RefreshAsync(rest.Value, context.RequestAborted);
        }

        await next(context);
    }

    // The time has whole seconds, as the date that a browser knows of a page.
    private ServerSentEventsResult<string> Listen(HttpContext context, string page, long? seen)
    {
        if (!page.StartsWith($"{Folder}/", StringComparison.Ordinal) || _pages.Find(page[Folder.Length..]) is null)
        {
            throw new RequestRefusedException(StatusCodes.Status404NotFound, "There is no such page below /reports.");
        }

        if (Interlocked.Increment(ref _listeners) > MostListeners)
        {
            Interlocked.Decrement(ref _listeners);
            throw new RequestRefusedException(StatusCodes.Status429TooManyRequests, $"{MostListeners} pages listen already; close some.") { RetryAfter = 60 };
        }

        context.Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _listeners);
            return Task.CompletedTask;
        });
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        return TypedResults.ServerSentEvents(ChangesAsync(page[Folder.Length..], seen, stopping, context.RequestAborted));
    }

    private async IAsyncEnumerable<SseItem<string>> ChangesAsync(
        string path, long? seen, CancellationToken stopping, [EnumeratorCancellation] CancellationToken left)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stopping, left);
        var last = seen ?? Seconds(_pages.Written(path));
        // A browser connects again automatically, five seconds after a server has stopped.
        yield return new SseItem<string>("", "open") { ReconnectionInterval = TimeSpan.FromSeconds(5) };
        while (!ends.IsCancellationRequested)
        {
            await _pages.RefreshAsync(path, left);
            if (Seconds(_pages.Written(path)) is { } now && now != last)
            {
                last = now;
                yield return new SseItem<string>(now.ToString(CultureInfo.InvariantCulture), "change");
            }

            await Task.Delay(_period, ends.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static long? Seconds(DateTime? time) => time is { } t ? new DateTimeOffset(t).ToUnixTimeSeconds() : null;
}

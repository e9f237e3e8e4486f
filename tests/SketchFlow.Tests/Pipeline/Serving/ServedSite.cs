using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Serving;
using SketchFlow.Pipeline.Serving.Queue;
using SketchFlow.Pipeline.Serving.Site;
using SketchFlow.Tests.Pipeline.Classification;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The site of a folder of artifacts in this process on a free port, with a client.</summary>
internal sealed class ServedSite : IAsyncDisposable
{
    private readonly SiteServer _site;
    private readonly WebServer _server;

    private ServedSite(SiteServer site, WebServer server)
    {
        (_site, _server) = (site, server);
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(server.Address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public HttpClient Client { get; }

    public static async Task<ServedSite> StartAsync(string artifacts, Action<string>? warn = null, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = (change ?? (o => o))(new ServerOptions { Port = 0 });
        var site = new SiteServer(new Artifacts(artifacts), options, hasModel: false, warn ?? (_ => { }));
        return new ServedSite(site, await WebServer.StartAsync(options, site));
    }

    /// <summary>Writes a run without weights that has trained some epochs, each one better.</summary>
    public static void WriteRun(string artifacts, string name, int epochs)
    {
        var run = new Artifacts(artifacts).Run(name);
        if (!Directory.Exists(run.Folder))
        {
            UntrainedRun.Write(artifacts, name, "cat", "dog");
        }

        EpochMetrics.Write(run.Metrics, Enumerable.Range(1, epochs).Select(e => new EpochMetrics
        {
            Epoch = e,
            TrainLoss = 1.0 / e,
            ValidationLoss = 2.0 / e,
            TrainAccuracy = 0.1 * e,
            ValidationAccuracy = 0.1 * e,
        }));
    }

    public async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task StopAsync() => _server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _site.Dispose();
    }
}

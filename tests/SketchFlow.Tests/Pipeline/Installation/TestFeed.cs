using Microsoft.AspNetCore.Http;

namespace SketchFlow.Tests.Pipeline.Installation;

/// <summary>A NuGet source on this machine: its index, and one package or an answer in its place.</summary>
internal sealed class TestFeed : IDisposable
{
    private readonly LocalServer _server;
    private int _downloads;

    public TestFeed(Action<HttpResponse> answer) => _server = new LocalServer(async context =>
    {
        Authorization = context.Request.Headers.Authorization.SingleOrDefault() ?? Authorization;
        switch (context.Request.Path.Value)
        {
            case "/index.json":
                await context.Response.WriteAsync(
                    $$"""{"version":"3.0.0","resources":[{"@id":"{{Root}}flat/","@type":"PackageBaseAddress/3.0.0"}]}""");
                break;
            case $"/flat/{TestPackage.Id}/{TestPackage.Version}/{TestPackage.Id}.{TestPackage.Version}.nupkg":
                Interlocked.Increment(ref _downloads);
                answer(context.Response);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    });

    public TestFeed(byte[] package)
        : this(response =>
        {
            response.ContentLength = package.Length;
            response.Body.Write(package);
        })
    {
    }

    public string Root => $"{_server.Address}/";

    public string Index => $"{Root}index.json";

    public int Downloads => _downloads;

    public string? Authorization { get; private set; }

    public void Dispose() => _server.Dispose();
}

using System.Net;
using System.Text;

namespace SketchFlow.Tests.Pipeline.Installation;

/// <summary>A NuGet source on this machine: its index, and one package or an answer in its place.</summary>
internal sealed class TestFeed : IDisposable
{
    private readonly HttpListener _listener = new();
    private int _downloads;

    public TestFeed(Action<HttpListenerResponse> answer)
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Root = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(Root);
        _listener.Start();
        _ = Task.Run(() => ServeAsync(answer));
    }

    public TestFeed(byte[] package)
        : this(response =>
        {
            response.ContentLength64 = package.Length;
            response.OutputStream.Write(package);
        })
    {
    }

    public string Root { get; }

    public string Index => $"{Root}index.json";

    public int Downloads => _downloads;

    public string? Authorization { get; private set; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync(Action<HttpListenerResponse> answer)
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Authorization = context.Request.Headers["Authorization"] ?? Authorization;
            try
            {
                Answer(context, answer);
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException or IOException)
            {
                context.Response.Abort();
            }
        }
    }

    private void Answer(HttpListenerContext context, Action<HttpListenerResponse> answer)
    {
        using var response = context.Response;
        switch (context.Request.Url!.AbsolutePath)
        {
            case "/index.json":
                response.OutputStream.Write(Encoding.UTF8.GetBytes(
                    $$"""{"version":"3.0.0","resources":[{"@id":"{{Root}}flat/","@type":"PackageBaseAddress/3.0.0"}]}"""));
                break;
            case $"/flat/{TestPackage.Id}/{TestPackage.Version}/{TestPackage.Id}.{TestPackage.Version}.nupkg":
                Interlocked.Increment(ref _downloads);
                answer(response);
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }
}

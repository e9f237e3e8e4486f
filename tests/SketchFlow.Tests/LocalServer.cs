using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SketchFlow.Tests;

/// <summary>
/// A web server of this process. The system chooses its port when it binds it, so that no other program can take the port in between (HttpListener
/// needs a port that is known before, and binds it a second time when it is closed).
/// </summary>
internal sealed class LocalServer : IDisposable
{
    private readonly WebApplication _application;

    /// <summary>Starts the server.</summary>
    /// <param name="answer">Answers each request, several at the same time.</param>
    public LocalServer(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.AllowSynchronousIO = true;
        });
        _application = builder.Build();
        _application.Run(answer);
        Task.Run(() => _application.StartAsync()).GetAwaiter().GetResult();
        Address = _application.Urls.Single();
    }

    /// <summary>Address, such as <c>http://127.0.0.1:40001</c>.</summary>
    public string Address { get; }

    /// <summary>Closes all connections and stops.</summary>
    public void Dispose() => Task.Run(StopAsync).GetAwaiter().GetResult();

    private async Task StopAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}

using Microsoft.Extensions.Hosting;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Leaves signals and the console to the verb, which ASP.NET would otherwise handle and write to.</summary>
internal sealed class SilentLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

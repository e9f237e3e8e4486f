using NuGet.Common;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Installation;

/// <summary>Copies one package from one NuGet source.</summary>
/// <param name="source">The source: a server, or a folder.</param>
/// <param name="package">The package.</param>
/// <param name="context">Settings of NuGet's own caches.</param>
internal sealed class PackageCopy(SourceRepository source, PackageIdentity package, SourceCacheContext context)
{
    private const int BufferLength = 1 << 20;
    private const string FlatContainer = "PackageBaseAddress/3.0.0";

    /// <summary>Copies the package to a stream.</summary>
    /// <param name="to">The stream.</param>
    /// <param name="maxBytes">Largest size of the package.</param>
    /// <param name="progress">Receives the number of bytes copied, and the size of the package or 0 if it is not known.</param>
    /// <param name="cancellation">Stops the copy.</param>
    /// <exception cref="RefusalException">The source has no such package, or it is too large; the message is a clause.</exception>
    public async Task ToAsync(Stream to, long maxBytes, Action<long, long> progress, CancellationToken cancellation)
    {
        var index = await source.GetResourceAsync<ServiceIndexResourceV3>(cancellation).ConfigureAwait(false);
        if (index?.GetServiceEntryUris(FlatContainer) is [var address, ..])
        {
            await DownloadAsync(address, to, maxBytes, progress, cancellation).ConfigureAwait(false);
            return;
        }

        var finder = await source.GetResourceAsync<FindPackageByIdResource>(cancellation).ConfigureAwait(false)
            ?? throw new RefusalException("is no NuGet source");
        var bounded = new BoundedWriter(to, maxBytes);
        if (!await finder.CopyNupkgToStreamAsync(package.Id, package.Version, bounded, context, NullLogger.Instance, cancellation).ConfigureAwait(false))
        {
            throw Missing();
        }
    }

    private async Task DownloadAsync(Uri address, Stream to, long maxBytes, Action<long, long> progress, CancellationToken cancellation)
    {
        var (id, version) = (package.Id.ToLowerInvariant(), package.Version.ToNormalizedString().ToLowerInvariant());
        var request = new HttpSourceRequest($"{address.AbsoluteUri.TrimEnd('/')}/{id}/{version}/{id}.{version}.nupkg", NullLogger.Instance)
        {
            IgnoreNotFounds = true,
        };
        var http = await source.GetResourceAsync<HttpSourceResource>(cancellation).ConfigureAwait(false);
        await http!.HttpSource.ProcessResponseAsync(
            request,
            async response =>
            {
                if (response is null || response.StatusCode == System.Net.HttpStatusCode.NotFound)
                {
                    throw Missing();
                }

                response.EnsureSuccessStatusCode();
                var length = response.Content.Headers.ContentLength ?? 0;
                using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                var bounded = new BoundedWriter(to, maxBytes);
                var buffer = new byte[BufferLength];
                for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                {
                    bounded.Write(buffer, 0, read);
                    progress(bounded.Position, length);
                }

                return true;
            },
            context,
            NullLogger.Instance,
            cancellation).ConfigureAwait(false);
    }

    private RefusalException Missing() => new($"has no {package.Id} {package.Version}");
}

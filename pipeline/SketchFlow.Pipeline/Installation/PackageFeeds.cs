using NuGet.Configuration;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Installation;

/// <summary>The NuGet sources of the user: those of NuGet.Config, with its credentials, proxies, mirrors and package source mapping.</summary>
internal sealed class PackageFeeds
{
    private readonly List<PackageSource> _sources;

    private PackageFeeds(List<PackageSource> sources) => _sources = sources;

    /// <summary>Reads the sources that apply in a folder and may have a package.</summary>
    /// <param name="folder">The folder; NuGet.Config is searched in it, in the folders above it and in the user's profile.</param>
    /// <param name="id">Name of the package.</param>
    /// <exception cref="RefusalException">A NuGet.Config cannot be read.</exception>
    public static PackageFeeds Read(string folder, string id)
    {
        try
        {
            var settings = Settings.LoadDefaultSettings(folder);
            var enabled = PackageSourceProvider.LoadPackageSources(settings).Where(source => source.IsEnabled);
            var mapping = PackageSourceMapping.GetPackageSourceMapping(settings);
            var mapped = mapping.IsEnabled ? mapping.GetConfiguredPackageSources(id) : null;
            return new([.. enabled.Where(source => mapped?.Contains(source.Name, StringComparer.OrdinalIgnoreCase) ?? true)]);
        }
        catch (NuGetConfigurationException e)
        {
            throw new RefusalException($"NuGet's configuration cannot be read: {PrintableText.Reason(e)}; correct the file.", e);
        }
    }

    /// <summary>Copies a package from the first source that has it.</summary>
    /// <param name="package">The package.</param>
    /// <param name="attempt">Copies the package from one source and checks it; the next source is tried if it throws.</param>
    /// <param name="cancellation">Stops the copy.</param>
    /// <returns>Null; or for each source, why it did not provide the package.</returns>
    public async Task<IReadOnlyList<string>?> CopyAsync(
        LockedPackage package, Func<PackageCopy, Task> attempt, CancellationToken cancellation)
    {
        using var context = new SourceCacheContext { NoCache = true, DirectDownload = true };
        var identity = new PackageIdentity(package.Id, NuGetVersion.Parse(package.Version));
        var reasons = new List<string>();
        foreach (var source in _sources)
        {
            try
            {
                await attempt(new PackageCopy(Repository.Factory.GetCoreV3(source), identity, context)).ConfigureAwait(false);
                return null;
            }
            catch (Exception e) when (IsFaultOfSource(e) && !cancellation.IsCancellationRequested)
            {
                reasons.Add($"{PrintableText.Line(source.Name)}: {PrintableText.Reason(e)}");
            }
        }

        return reasons;
    }

    // Errors of the own disk, such as a full one, are none of a source.
    private static bool IsFaultOfSource(Exception error) => error
        is RefusalException or NuGetProtocolException or HttpRequestException or HttpIOException or TimeoutException or OperationCanceledException
        or InvalidDataException or InvalidOperationException or PackagingException
        or IOException { InnerException: not null };
}

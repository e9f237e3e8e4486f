using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights.Safetensors;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>
/// Fetches pretrained weights from the Hugging Face hub or a mirror. Files are downloaded once, resumed after an interruption, verified by
/// the hub's checksum, and kept in the cache that Python's tools use.
/// </summary>
public sealed class HubClient : IDisposable
{
    /// <summary>Advice for a training whose pretrained weights are not available.</summary>
    public const string TrainingAlternative = "give a file with --weights FILE, or train without pretrained weights with --set pretrained=null";

    private const string Revision = "main";

    /// <summary>Files with weights in order of preference: timm's order, with the sharded form in between.</summary>
    private static readonly ImmutableArray<string> _usualFiles = ["model.safetensors", ShardIndex.FileName, "pytorch_model.bin"];

    private readonly HubSettings _settings;
    private readonly HubHttp _http;

    /// <summary>Prepares a client; no connection is opened.</summary>
    public HubClient(HubSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _http = new HubHttp(settings);
    }

    /// <summary>Receives the file's title, the number of bytes present and the total number of bytes.</summary>
    public Action<string, long, long> Progress { get; init; } = static (_, _, _) => { };

    /// <summary>Advice where the weights are not available, as imperatives for messages.</summary>
    public string Alternative { get; init; } = TrainingAlternative;

    /// <summary>Receives log messages.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>Returns the weights of a tag if they are in the cache, else null; the network is not used.</summary>
    public HubFile? FindCached(PretrainedTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var cache = new HubCache(_settings.Cache, tag.Repository);
        foreach (var file in Candidates(tag))
        {
            if (cache.Find(Revision, file) is { } path
                && (file != ShardIndex.FileName || Shards(path).TrueForAll(s => cache.Find(Revision, s) is not null)))
            {
                return new HubFile(tag.Repository, file, path, Length(path), 0);
            }
        }

        return null;
    }

    /// <summary>Returns the weights of a tag from the cache, or downloads them.</summary>
    /// <param name="tag">The pretrained configuration.</param>
    /// <param name="refresh">Whether to ask the hub for a newer version even if the cache has one.</param>
    /// <param name="cancellation">Stops the download; bytes received so far are kept for the next call.</param>
    /// <exception cref="RefusalException">The weights are not available; the message states the reason and a remedy.</exception>
    public async Task<HubFile> Fetch(PretrainedTag tag, bool refresh, CancellationToken cancellation)
    {
        var cached = FindCached(tag);
        if (cached is not null && (!refresh || _settings.Offline))
        {
            return cached;
        }

        var notCached = $"The weights {tag.Repository} are not in the cache {_settings.Cache}";
        if (_settings.Offline)
        {
            throw new RefusalException($"{notCached} and HF_HUB_OFFLINE forbids the network; {OfflineRemedy(tag)}");
        }

        var host = _settings.Endpoint.Host;
        try
        {
            foreach (var file in Candidates(tag))
            {
                if (await Download(tag.Repository, file, cancellation).ConfigureAwait(false) is { } found)
                {
                    return file == ShardIndex.FileName ? await DownloadShards(found, cancellation).ConfigureAwait(false) : found;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            if (cached is not null)
            {
                Log($"{host} cannot be reached ({HubErrors.Reason(e)}); using the weights in the cache.");
                return cached;
            }

            throw new RefusalException($"{notCached} and {host} cannot be reached ({HubErrors.Reason(e)}); {OfflineRemedy(tag)}", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new RefusalException($"The cache {_settings.Cache} cannot be written: {e.Message.TrimEnd('.')}; set HF_HUB_CACHE to another folder.", e);
        }

        throw new RefusalException(
            $"{host} has no {tag.Repository} with {string.Join(" or ", Candidates(tag))}; check HF_ENDPOINT, or give a file with --weights FILE.");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ImmutableArray<string> Candidates(PretrainedTag tag) => tag.File is { } own ? [own] : _usualFiles;

    private string OfflineRemedy(PretrainedTag tag) =>
        $"run 'sketchflow models pull {tag.FullName}' on a machine with a network and copy its cache here (HF_HUB_CACHE sets the folder), "
        + $"or {Alternative}.";

    // FileInfo would return the length of the link itself.
    private static long Length(string path)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }

    private static List<string> Shards(string index) =>
        [.. ShardIndex.Read(index).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private async Task<HubFile> DownloadShards(HubFile index, CancellationToken cancellation)
    {
        var (bytes, downloaded) = (0L, 0L);
        foreach (var shard in Shards(index.Path))
        {
            var file = await Download(index.Repository, shard, cancellation).ConfigureAwait(false)
                ?? throw new RefusalException(
                    $"The index of {index.Repository} lists {shard}, which the repository does not have; inform its owner, or use --weights FILE.");
            (bytes, downloaded) = (bytes + file.Bytes, downloaded + file.Downloaded);
        }

        return index with { Bytes = bytes, Downloaded = downloaded };
    }

    /// <summary>Downloads one file into the cache; returns null if the repository does not have it.</summary>
    private async Task<HubFile?> Download(string repository, string file, CancellationToken cancellation)
    {
        var address = new Uri($"{_settings.Endpoint.ToString().TrimEnd('/')}/{repository}/resolve/{Revision}/{file}");
        if (await _http.Describe(address, repository, cancellation).ConfigureAwait(false) is not { } description)
        {
            return null;
        }

        var cache = new HubCache(_settings.Cache, repository);
        var blob = cache.BlobPath(description.Etag);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        // Python's tools hold the same lock while they write the blob.
        using var blobLock = await FileLock.WaitAsync(
            cache.LockPath(description.Etag), () => Log($"Another program is downloading {repository}; waiting for it."), cancellation).ConfigureAwait(false);
        var downloaded = 0L;
        if (!File.Exists(blob) || (description.Size is { } size && new FileInfo(blob).Length != size))
        {
            var download = new BlobDownload(_http, _settings, new HubBlob(repository, file, address, description, blob)) { Progress = Progress, Log = Log };
            downloaded = await download.Run(cancellation).ConfigureAwait(false);
        }

        return new HubFile(repository, file, cache.Link(Revision, description.Commit, file, description.Etag), new FileInfo(blob).Length, downloaded);
    }
}

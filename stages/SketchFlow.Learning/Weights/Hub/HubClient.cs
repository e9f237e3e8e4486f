using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Weights.Safetensors;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>
/// Pretrained weights from the hub of Hugging Face, or a mirror: downloaded once, resumed where a connection broke, checked against the
/// hub's check sum, and kept in the cache that Python's tools use.
/// </summary>
public sealed partial class HubClient : IDisposable
{
    private const int MostRedirects = 5;

    /// <summary>Files that hold weights, by preference: timm's own order, with the sharded form between.</summary>
    private static readonly ImmutableArray<string> Usual = ["model.safetensors", SafetensorsFormat.IndexName, "pytorch_model.bin"];

    private readonly HubSettings _settings;
    private readonly HttpClient _client;

    /// <summary>Opens no connection yet.</summary>
    public HubClient(HubSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Redirects are followed by hand: their headers are needed, and the token must not travel to another host.
            AllowAutoRedirect = false,
            ConnectTimeout = settings.Timeout,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("sketchflow/0.1");
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
    }

    /// <summary>Says what is going on: file, bytes done, bytes in all.</summary>
    public Action<string, long, long> Progress { get; init; } = static (_, _, _) => { };

    /// <summary>Takes a line for people.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>The weights of a tag where the cache has them; no network is used.</summary>
    public HubFile? Cached(PretrainedTag tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var cache = new HubCache(_settings.Cache, tag.Repository);
        foreach (var file in Names(tag))
        {
            if (cache.Find("main", file) is { } path && (file != SafetensorsFormat.IndexName || Shards(path).TrueForAll(s => cache.Find("main", s) is not null)))
            {
                return new HubFile(tag.Repository, file, path, Length(path), 0);
            }
        }

        return null;
    }

    /// <summary>The weights of a tag, from the cache or else from the hub.</summary>
    /// <param name="tag">Whose weights.</param>
    /// <param name="refresh">Ask the hub whether it has newer ones, where the cache has some.</param>
    /// <param name="cancellation">Stops; what has come so far is kept and resumed next time.</param>
    /// <exception cref="RefusalException">They are nowhere to be had; the sentence says why and what to do.</exception>
    public async Task<HubFile> Fetch(PretrainedTag tag, bool refresh, CancellationToken cancellation)
    {
        var cached = Cached(tag);
        if (cached is not null && (!refresh || _settings.Offline))
        {
            return cached;
        }

        if (_settings.Offline)
        {
            throw new RefusalException($"The weights {tag.Repository} are not in the cache {_settings.Cache} and HF_HUB_OFFLINE forbids the network; {Mend(tag)}");
        }

        try
        {
            foreach (var file in Names(tag))
            {
                if (await Download(tag.Repository, file, cancellation).ConfigureAwait(false) is { } found)
                {
                    return file == SafetensorsFormat.IndexName ? await DownloadShards(found, cancellation).ConfigureAwait(false) : found;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            if (cached is not null)
            {
                Log($"{_settings.Endpoint.Host} cannot be reached ({Reason(e)}); the weights in the cache are used.");
                return cached;
            }

            throw new RefusalException($"The weights {tag.Repository} are not in the cache {_settings.Cache} and {_settings.Endpoint.Host} cannot be reached ({Reason(e)}); {Mend(tag)}", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new RefusalException($"The cache {_settings.Cache} cannot be written: {e.Message.TrimEnd('.')}; HF_HUB_CACHE can name another folder.", e);
        }

        throw new RefusalException($"{_settings.Endpoint.Host} has no {tag.Repository} with {string.Join(", ", Names(tag))} in it; check HF_ENDPOINT, or give a file with --weights FILE.");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static ImmutableArray<string> Names(PretrainedTag tag) => tag.File is { } own ? [own] : Usual;

    private static string Mend(PretrainedTag tag) =>
        $"where there is a network, run 'sketchflow models pull {tag.FullName}' and copy the cache here (HF_HUB_CACHE names it), or start from a file with --weights FILE, or fresh with --set pretrained=null.";

    // FileInfo measures a link itself.
    private static long Length(string path)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }

    private static string Reason(Exception e) => (e.InnerException ?? e).Message.TrimEnd('.');

    private static List<string> Shards(string index) => [.. SafetensorsFormat.ReadIndex(index).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private async Task<HubFile> DownloadShards(HubFile index, CancellationToken cancellation)
    {
        var (bytes, downloaded) = (0L, 0L);
        foreach (var shard in Shards(index.Path))
        {
            var file = await Download(index.Repository, shard, cancellation).ConfigureAwait(false)
                ?? throw new RefusalException($"{index.Repository} names the file {shard} in its index and does not have it; tell its owner, or use --weights FILE.");
            (bytes, downloaded) = (bytes + file.Bytes, downloaded + file.Downloaded);
        }

        return index with { Bytes = bytes, Downloaded = downloaded };
    }

    /// <summary>One file into the cache; null where the repository does not have it.</summary>
    private async Task<HubFile?> Download(string repository, string file, CancellationToken cancellation)
    {
        var address = new Uri($"{_settings.Endpoint.ToString().TrimEnd('/')}/{repository}/resolve/main/{file}");
        if (await Describe(address, repository, cancellation).ConfigureAwait(false) is not { } described)
        {
            return null;
        }

        var (etag, commit, size) = described;
        var cache = new HubCache(_settings.Cache, repository);
        var blob = cache.Blob(etag);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        using var held = await cache.Lock(etag, () => Log($"Another program is fetching {repository}; waiting for it."), cancellation).ConfigureAwait(false);
        var downloaded = 0L;
        if (!File.Exists(blob) || (size is { } expected && new FileInfo(blob).Length != expected))
        {
            downloaded = await Resume(address, repository, file, etag, size, blob, cancellation).ConfigureAwait(false);
        }

        return new HubFile(repository, file, cache.Link("main", commit, file, etag), new FileInfo(blob).Length, downloaded);
    }

    /// <summary>Asks for a file's check sum, commit and length (HEAD); null where it is not there.</summary>
    private async Task<(string Etag, string Commit, long? Size)?> Describe(Uri address, string repository, CancellationToken cancellation)
    {
        for (var hop = 0; hop < MostRedirects; hop++)
        {
            using var response = await Retried(() => Request(HttpMethod.Head, address, 0), cancellation).ConfigureAwait(false);
            if (IsMissing(response))
            {
                return null;
            }

            // A renamed repository answers with a redirect within the hub; a large file with one to where its bytes are, described here.
            if (IsRedirect(response) && Header(response, "X-Linked-Etag") is null && Target(response, address) is { } target && target.Authority == address.Authority)
            {
                address = target;
                continue;
            }

            if (!IsRedirect(response))
            {
                Check(response, repository);
            }

            var etag = Etag().Match(Header(response, "X-Linked-Etag") ?? Header(response, "ETag") ?? "");
            var commit = Header(response, "X-Repo-Commit");
            if (!etag.Success || commit is null || !Commit().IsMatch(commit))
            {
                throw new RefusalException($"{address.Host} answered for {repository} without a check sum and a commit, so it is not a hub of Hugging Face; check HF_ENDPOINT and the proxy.");
            }

            var length = Header(response, "X-Linked-Size") ?? (IsRedirect(response) ? null : response.Content.Headers.ContentLength?.ToString(CultureInfo.InvariantCulture));
            return (etag.Groups[1].Value, commit, long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null);
        }

        throw new RefusalException($"{address.Host} redirects {repository} in a circle; check HF_ENDPOINT and the proxy.");
    }

    /// <summary>Brings the blob's bytes, going on where an earlier attempt ended, and checks them.</summary>
    private async Task<long> Resume(Uri address, string repository, string file, string etag, long? size, string blob, CancellationToken cancellation)
    {
        var partial = $"{blob}.incomplete";
        var downloaded = 0L;
        {
            await using var stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (size is { } whole)
            {
                if (stream.Length > whole)
                {
                    stream.SetLength(0);
                }

                CheckSpace(partial, whole - stream.Length, repository);
            }

            var title = $"{repository} {file}";
            for (var (failures, pause) = (0, _settings.Pause); ;)
            {
                var before = stream.Length;
                stream.Seek(before, SeekOrigin.Begin);
                try
                {
                    if (size is null || before < size)
                    {
                        await Append(address, repository, stream, size, title, cancellation).ConfigureAwait(false);
                    }

                    downloaded += Math.Max(0, stream.Length - before);
                    if (size is { } wanted && stream.Length < wanted)
                    {
                        throw new HttpIOException(HttpRequestError.ResponseEnded, "the connection ended early");
                    }

                    break;
                }
                catch (Exception e) when (IsTransient(e) && !cancellation.IsCancellationRequested)
                {
                    downloaded += Math.Max(0, stream.Length - before);
                    failures = stream.Length > before ? 0 : failures + 1;
                    if (failures >= _settings.Attempts)
                    {
                        throw new RefusalException(
                            $"The download of {title} broke off at {stream.Length} of {size} bytes and {failures} attempts brought no more ({Reason(e)}); run it again to go on from there.", e);
                    }

                    Log($"{title}: {Reason(e)} at byte {stream.Length}; going on.");
                    await Task.Delay(pause, cancellation).ConfigureAwait(false);
                    pause = failures == 0 ? _settings.Pause : pause * 2;
                }
            }

            await stream.FlushAsync(cancellation).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            var found = await Sum(stream, etag, cancellation).ConfigureAwait(false);
            if ((size is { } exact && stream.Length != exact) || (found is not null && !string.Equals(found, etag, StringComparison.OrdinalIgnoreCase)))
            {
                var length = stream.Length;
                stream.Close();
                File.Delete(partial);
                throw new RefusalException(
                    $"The download of {title} is not what the hub describes: {length} bytes with check sum {found ?? "unknown"}, where {size?.ToString(CultureInfo.InvariantCulture) ?? "any number of"} bytes with {etag} are expected; "
                    + "it was deleted: run it again, and check the proxy if it happens twice.");
            }
        }

        File.Move(partial, blob, overwrite: true);
        return downloaded;
    }

    /// <summary>One request, from the stream's end on; the stream grows as bytes come, also where it throws.</summary>
    private async Task Append(Uri address, string repository, FileStream stream, long? size, string title, CancellationToken cancellation)
    {
        var start = stream.Length;
        for (var hop = 0; hop < MostRedirects; hop++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(_settings.Timeout);
            using var response = await _client.SendAsync(Request(HttpMethod.Get, address, start), HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            if (IsRedirect(response) && Target(response, address) is { } target)
            {
                address = target;
                continue;
            }

            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                stream.SetLength(0);
                throw new HttpIOException(HttpRequestError.InvalidResponse, "the server has fewer bytes than have come");
            }

            Check(response, repository);
            if (start > 0 && (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != start))
            {
                // The server does not resume, or from elsewhere: from the beginning, then.
                if (response.StatusCode == HttpStatusCode.PartialContent)
                {
                    throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server went on at byte {response.Content.Headers.ContentRange?.From} instead of {start}");
                }

                stream.SetLength(0);
            }

            await using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var buffer = new byte[1 << 20];
            while (true)
            {
                patience.CancelAfter(_settings.Timeout);
                var read = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    return;
                }

                if (size is { } whole && stream.Length + read > whole)
                {
                    // More than there can be: the check sum will not fit either, and the disk is not to be filled.
                    await stream.WriteAsync(buffer.AsMemory(0, (int)(whole - stream.Length)), cancellation).ConfigureAwait(false);
                    await stream.WriteAsync(new byte[1], cancellation).ConfigureAwait(false);
                    return;
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                Progress(title, stream.Length, size ?? stream.Length);
            }
        }

        throw new HttpIOException(HttpRequestError.InvalidResponse, "the server redirects in a circle");
    }

    private HttpRequestMessage Request(HttpMethod method, Uri address, long from)
    {
        var request = new HttpRequestMessage(method, address);
        if (_settings.Token is { } token && address.Scheme == _settings.Endpoint.Scheme && address.Authority == _settings.Endpoint.Authority)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        return request;
    }

    /// <summary>Sends a small request, again where the network fails or the server asks for patience.</summary>
    private async Task<HttpResponseMessage> Retried(Func<HttpRequestMessage> request, CancellationToken cancellation)
    {
        for (var (attempt, pause) = (1, _settings.Pause); ; attempt++, pause *= 2)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(_settings.Timeout);
            try
            {
                var response = await _client.SendAsync(request(), HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
                if (attempt >= _settings.Attempts || response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError))
                {
                    return response;
                }

                response.Dispose();
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new HttpRequestException($"no answer within {_settings.Timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s", inner: null, statusCode: null);
            }

            await Task.Delay(pause, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static Uri? Target(HttpResponseMessage response, Uri from) => response.Headers.Location is { } location ? new Uri(from, location) : null;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    private static bool IsMissing(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && Header(response, "X-Error-Code") is null or "EntryNotFound";

    /// <summary>Refuses what no further attempt would mend, and lets the rest be tried again.</summary>
    private void Check(HttpResponseMessage response, string repository)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var host = _settings.Endpoint.Host;
        var token = _settings.Token is null
            ? "set HF_TOKEN to a token of yours (or run hf auth login)"
            : "the token in HF_TOKEN (or of hf auth login) may not read it: accept its terms on its page, or use another token";
        throw (response.StatusCode, Header(response, "X-Error-Code")) switch
        {
            (_, "GatedRepo") => new RefusalException($"{repository} on {host} is given only to those who accepted its terms; {token}."),
            (HttpStatusCode.Unauthorized, _) => new RefusalException($"{host} says that {repository} is not there, or needs a token (401); {token}."),
            (HttpStatusCode.Forbidden, _) => new RefusalException($"{host} refuses {repository} (403); {token}."),
            (HttpStatusCode.NotFound, var code) => new RefusalException($"{host} has no {repository} ({code ?? "404"}); check HF_ENDPOINT."),
            (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError, _) =>
                new HttpIOException(HttpRequestError.Unknown, $"{host} answered {(int)response.StatusCode}"),
            _ => new RefusalException($"{host} answered {(int)response.StatusCode} {response.ReasonPhrase} for {repository}; check HF_ENDPOINT and the proxy."),
        };
    }

    private static bool IsTransient(Exception e) => e is HttpRequestException or IOException { InnerException: not null } or HttpIOException or OperationCanceledException;

    private static void CheckSpace(string path, long needed, string repository)
    {
        try
        {
            var free = new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
            if (free < needed)
            {
                throw new RefusalException($"{repository} needs {needed / 1e6:0} MB more and the disk of {Path.GetDirectoryName(path)} has {free / 1e6:0} MB left; free some, or point HF_HUB_CACHE elsewhere.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The system does not say how much is left.
        }
    }

    /// <summary>The check sum that an ETag of the hub is: SHA-256 of large files, Git's blob SHA-1 of small ones; null for another kind.</summary>
    private static async Task<string?> Sum(FileStream stream, string etag, CancellationToken cancellation)
    {
        if (etag.Length is not (64 or 40) || !etag.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        using var sum = IncrementalHash.CreateHash(etag.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (etag.Length == 40)
        {
            sum.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        }

        stream.Seek(0, SeekOrigin.Begin);
        var buffer = new byte[1 << 20];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            sum.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    /// <summary>An ETag that can be a file's name, without its quotes and weakness.</summary>
    [GeneratedRegex("""^(?:W/)?"?([A-Za-z0-9_-]{1,128})"?$""")]
    private static partial Regex Etag();

    [GeneratedRegex("^[A-Fa-f0-9]{5,64}$")]
    private static partial Regex Commit();
}

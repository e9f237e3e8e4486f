using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>The requests to the hub: descriptions of files (HEAD) and their bytes (GET), with redirects, the access token and timeouts.</summary>
internal sealed partial class HubHttp : IDisposable
{
    /// <summary>Highest number of redirects of one request.</summary>
    public const int MaxRedirects = 5;

    private readonly HubSettings _settings;
    private readonly HttpClient _client;

    /// <summary>Prepares requests; no connection is opened.</summary>
    public HubHttp(HubSettings settings)
    {
        _settings = settings;
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Redirects are followed in this class: their headers are needed, and the token must not be sent to another host.
            AllowAutoRedirect = false,
            ConnectTimeout = settings.Timeout,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd($"sketchflow/{typeof(HubHttp).Assembly.GetName().Version!.ToString(3)}");
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
    }

    /// <summary>Whether the response refers to another address.</summary>
    public static bool IsRedirect(HttpResponseMessage response) => response.StatusCode
        is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>Returns the address that a redirect refers to, or null.</summary>
    /// <exception cref="RefusalException">The address is not of the web, or leaves HTTPS.</exception>
    public static Uri? RedirectTarget(HttpResponseMessage response, Uri from)
    {
        if (response.Headers.Location is not { } location)
        {
            return null;
        }

        return Uri.TryCreate(from, location, out var target) && (target.Scheme == Uri.UriSchemeHttps || target.Scheme == from.Scheme)
            ? target
            : throw new RefusalException(
                $"{from.Host} redirects to {PrintableText.Line(location.OriginalString)}, expected an {from.Scheme} address; check HF_ENDPOINT and the proxy.");
    }

    /// <summary>Requests a file's checksum, commit and length; returns null if the repository does not have the file.</summary>
    /// <exception cref="RefusalException">The server refuses, or is not a hub.</exception>
    public async Task<HubFileDescription?> Describe(Uri address, string repository, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects < MaxRedirects; redirects++)
        {
            using var response = await SendHead(address, cancellation).ConfigureAwait(false);
            if (HubErrors.IsMissing(response))
            {
                return null;
            }

            // A renamed repository is answered by a redirect within the hub; a large file by a redirect to its storage, with the description.
            if (IsRedirect(response) && HubErrors.Header(response, "X-Linked-Etag") is null
                && RedirectTarget(response, address) is { } target && target.Authority == address.Authority)
            {
                address = target;
                continue;
            }

            if (!IsRedirect(response))
            {
                HubErrors.ThrowIfFailed(response, repository, _settings);
            }

            return ReadDescription(response) ?? throw new RefusalException(
                $"{address.Host} answered for {repository} without a checksum and a commit, so it is not a Hugging Face hub; check HF_ENDPOINT and the proxy.");
        }

        throw new RefusalException($"{address.Host} redirects {repository} more than {MaxRedirects} times; check HF_ENDPOINT and the proxy.");
    }

    /// <summary>Requests the bytes of a file from position <paramref name="from"/> on and returns when the headers have arrived.</summary>
    public Task<HttpResponseMessage> SendGet(Uri address, long from, CancellationToken cancellation) =>
        _client.SendAsync(Request(HttpMethod.Get, address, from), HttpCompletionOption.ResponseHeadersRead, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static HubFileDescription? ReadDescription(HttpResponseMessage response)
    {
        var etag = Etag().Match(HubErrors.Header(response, "X-Linked-Etag") ?? HubErrors.Header(response, "ETag") ?? "");
        var commit = HubErrors.Header(response, "X-Repo-Commit");
        if (!etag.Success || commit is null || !Commit().IsMatch(commit))
        {
            return null;
        }

        var length = HubErrors.Header(response, "X-Linked-Size")
            ?? (IsRedirect(response) ? null : response.Content.Headers.ContentLength?.ToString(CultureInfo.InvariantCulture));
        return new HubFileDescription(
            etag.Groups[1].Value, commit, long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null);
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

    /// <summary>Sends a HEAD request and repeats it while the server is busy.</summary>
    private async Task<HttpResponseMessage> SendHead(Uri address, CancellationToken cancellation)
    {
        for (var (attempt, pause) = (1, _settings.Pause); ; attempt++, pause *= 2)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(_settings.Timeout);
            try
            {
                var response = await _client.SendAsync(
                    Request(HttpMethod.Head, address, 0), HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
                if (attempt >= _settings.Attempts || !HubErrors.IsBusy(response.StatusCode))
                {
                    return response;
                }

                response.Dispose();
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                var seconds = _settings.Timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
                throw new HttpRequestException($"no answer within {seconds} s", inner: null, statusCode: null);
            }

            await Task.Delay(pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Matches an ETag that can be a file name, without its quotes and weakness prefix.</summary>
    [GeneratedRegex("""^(?:W/)?"?([A-Za-z0-9_-]{1,128})"?$""")]
    private static partial Regex Etag();

    [GeneratedRegex("^[A-Fa-f0-9]{5,64}$")]
    private static partial Regex Commit();
}

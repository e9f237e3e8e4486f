using System.Net;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>Converts failed answers of the hub to messages, and separates errors that a further attempt may resolve from those that it cannot.</summary>
internal static class HubErrors
{
    /// <summary>Returns the first value of a header of the response or its content, or null.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;

    /// <summary>Whether the repository exists but does not have the file.</summary>
    public static bool IsMissing(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && Header(response, "X-Error-Code") is null or "EntryNotFound";

    /// <summary>Whether the server is overloaded or temporarily unavailable.</summary>
    public static bool IsBusy(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>Whether a further attempt may succeed after this exception.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is HttpRequestException or IOException { InnerException: not null } or HttpIOException or OperationCanceledException;

    /// <summary>Returns the cause of a network error as a clause.</summary>
    public static string Reason(Exception exception) => PrintableText.Reason(exception.InnerException ?? exception);

    /// <summary>Throws an exception unless the response is successful.</summary>
    /// <exception cref="RefusalException">A further attempt would fail as well.</exception>
    /// <exception cref="HttpIOException">A further attempt may succeed.</exception>
    public static void ThrowIfFailed(HttpResponseMessage response, string repository, HubSettings settings)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var host = settings.Endpoint.Host;
        var token = settings.Token is null
            ? "set HF_TOKEN to your access token (or run hf auth login)"
            : "the token in HF_TOKEN (or of hf auth login) may not read it: accept its terms on its page, or use another token";
        throw (response.StatusCode, Header(response, "X-Error-Code")) switch
        {
            (_, "GatedRepo") => new RefusalException($"{repository} on {host} is available only to users who accepted its terms; {token}."),
            (HttpStatusCode.Unauthorized, _) => new RefusalException($"{host} reports that {repository} does not exist or needs a token (401); {token}."),
            (HttpStatusCode.Forbidden, _) => new RefusalException($"{host} denies access to {repository} (403); {token}."),
            (HttpStatusCode.NotFound, var code) => new RefusalException($"{host} has no {repository} ({code ?? "404"}); check HF_ENDPOINT."),
            (var status, _) when IsBusy(status) => new HttpIOException(HttpRequestError.Unknown, $"{host} answered {(int)status}"),
            (var status, _) => new RefusalException(
                $"{host} answered {(int)status} {response.ReasonPhrase} for {repository}; check HF_ENDPOINT and the proxy."),
        };
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Decides who may ask: this computer's own pages and programs, and elsewhere those that know the token.</summary>
/// <remarks>
/// A page of any site may send requests to 127.0.0.1 from the browser of a user. Browsers name the site in <c>Origin</c>, and a site that lets its own name
/// point to 127.0.0.1 is named in <c>Host</c>.
/// </remarks>
internal sealed class AccessCheck(ServerOptions options)
{
    // They tell nothing that is worth a secret, and a browser loads them before a user can give it.
    private static readonly string[] _withoutToken = ["/", "/start.js", "/draw", "/draw.css", "/draw.js", "/health"];

    /// <summary>Cookie with the token, for pages that a browser opens by a link; the first page sets it, and no other site can send it.</summary>
    internal const string Cookie = "sketchflow-token";

    private readonly byte[]? _token = options.Token is null ? null : Hash(options.Token);

    /// <summary>Throws if the request is not allowed.</summary>
    /// <exception cref="RequestRefusedException">The host or origin is of elsewhere (403), or the token is missing or wrong (401).</exception>
    public void Check(HttpContext context)
    {
        var request = context.Request;
        if (!options.IsOpen && !IsThisComputer(request.Host.Host))
        {
            throw new RequestRefusedException(
                StatusCodes.Status403Forbidden,
                $"The request names the host {Shown(request.Host.Value)}, and this server answers only to 127.0.0.1 and localhost; "
                + "start it with --listen to open it.");
        }

        if (request.Headers.Origin is { Count: > 0 } origins && !origins.All(o => IsOwn(o, request.Host)))
        {
            throw new RequestRefusedException(
                StatusCodes.Status403Forbidden, $"The request comes from a page of {Shown(origins.ToString())}, and only pages of this server may ask.");
        }

        if (!_withoutToken.Contains(request.Path.Value, StringComparer.Ordinal) && !HasToken(request))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RequestRefusedException(StatusCodes.Status401Unauthorized, "The token is missing or wrong; send the header Authorization: Bearer TOKEN.");
        }
    }

    /// <summary>Whether a request has the token, or none is needed.</summary>
    public bool HasToken(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        var given = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim()
            : HttpMethods.IsGet(request.Method) ? request.Cookies[Cookie] : null;
        // Hashes have one length, so that the time of the comparison tells nothing.
        return _token is null || (given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _token));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static bool IsThisComputer(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOwn(string? origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && page.Scheme is "http" or "https"
        && page.Authority.Equals(Authority(host, page.Scheme), StringComparison.OrdinalIgnoreCase);

    // Without the port that the scheme implies, as in an origin.
    private static string Authority(HostString host, string scheme) => host.Port == (scheme == "https" ? 443 : 80) ? host.Host : host.Value ?? "";

    private static string Shown(string? text) => Data.Messages.PrintableText.Line(text ?? "", 100);
}

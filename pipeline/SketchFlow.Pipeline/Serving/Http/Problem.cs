using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Writes a refusal as <c>application/problem+json</c> (RFC 9457), with one sentence as its detail.</summary>
internal static class Problem
{
    /// <summary>Writes the response, unless another one has started.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="sentence">The reason and the remedy.</param>
    /// <param name="retryAfter">Number of seconds after which the client may try again; null for none.</param>
    public static async Task WriteAsync(HttpContext context, int status, string sentence, int? retryAfter = null)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        if (retryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await Results.Problem(sentence, statusCode: status).ExecuteAsync(context);
    }

    /// <summary>Returns a sentence for a status that has none of its own.</summary>
    public static string SentenceFor(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound =>
            $"There is no {context.Request.Path}; the server has {Existing(context)}.",
        StatusCodes.Status405MethodNotAllowed =>
            $"{context.Request.Path} does not take {context.Request.Method}; {(context.Request.Path == "/predict" ? "use POST" : "use GET")}.",
        StatusCodes.Status408RequestTimeout => "The body arrived too slowly; send it again.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this server accepts (--max-bytes).",
        var status => $"The request could not be answered (status {status}).",
    };

    private static string Existing(HttpContext context) => string.Join(", ", context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Select(e => $"/{e.RoutePattern.RawText?.Trim('/')}")
        .Where(path => !path.EndsWith(".js", StringComparison.Ordinal) && !path.EndsWith(".css", StringComparison.Ordinal))
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal));
}

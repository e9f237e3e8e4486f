using Microsoft.AspNetCore.Http;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>A page, style sheet or script that is part of the program.</summary>
internal sealed class Page
{
    private static readonly Dictionary<string, string> _types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
    };

    private readonly byte[] _bytes;
    private readonly string _type;

    /// <summary>Loads a page.</summary>
    /// <param name="name">Name of the file, such as <c>draw.html</c>.</param>
    public Page(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream($"Pages/{name}")
            ?? throw new ArgumentException($"Expected the name of a page, got {name}.", nameof(name));
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        (_bytes, _type) = (bytes.ToArray(), _types[Path.GetExtension(name)]);
    }

    /// <summary>Headers that keep a browser from loading anything from elsewhere.</summary>
    public static void AddHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
            + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <summary>Headers of a report, whose styles and script are in the page; it may connect to this server alone.</summary>
    public static void AddReportHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
            + "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-cache";
    }

    /// <summary>Writes the page; a browser asks for it each time, since the next version of the program may have another.</summary>
    public IResult Show(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(_bytes, _type);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>The images of one request.</summary>
/// <param name="Images">The images, in order.</param>
/// <param name="IsList">Whether the answer is a list, even of one image.</param>
internal sealed record RequestImages(IReadOnlyList<ImageInput> Images, bool IsList)
{
    private const string Expected = "expected an image as the body, multipart/form-data with files, or JSON such as {\"image\": \"BASE64\"}";

    /// <summary>Checks the type of a body before it is read.</summary>
    /// <exception cref="RequestRefusedException">It is none of those that are understood (415).</exception>
    public static void CheckType(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding)
        {
            throw new RequestRefusedException(
                StatusCodes.Status415UnsupportedMediaType, $"The body is encoded ({Shown(encoding.ToString())}); send it without Content-Encoding.");
        }

        if (!IsImage(TypeOf(request)) && !IsJson(TypeOf(request)) && !IsMultipart(TypeOf(request)))
        {
            throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, $"The body is {Shown(request.ContentType)}, {Expected}.");
        }
    }

    /// <summary>Finds the images in a body.</summary>
    /// <exception cref="RequestRefusedException">The body has no images, or another form than its type says (400).</exception>
    public static async Task<RequestImages> ParseAsync(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var type = TypeOf(request);
        if (body.IsEmpty)
        {
            throw Malformed("The body is empty");
        }

        return IsJson(type) ? ParseJson(body)
            : IsMultipart(type) ? new RequestImages(await ParseMultipartAsync(type!, body), IsList: true)
            : new RequestImages([new ImageInput("image") { Bytes = body }], IsList: false);
    }

    private static MediaTypeHeaderValue? TypeOf(HttpRequest request) => MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type : null;

    // curl --data-binary names a form.
    private static bool IsImage(MediaTypeHeaderValue? type) =>
        type is null || type.Type == "image" || type.MediaType == "application/octet-stream" || type.MediaType == "application/x-www-form-urlencoded";

    private static bool IsJson(MediaTypeHeaderValue? type) => type?.MediaType == "application/json";

    private static bool IsMultipart(MediaTypeHeaderValue? type) => type?.MediaType == "multipart/form-data";

    private static string Shown(string? text) => Data.Messages.PrintableText.Line(text ?? "", 100);

    private static RequestRefusedException Malformed(string reason) => new(StatusCodes.Status400BadRequest, $"{reason}; {Expected}.");

    private static async Task<List<ImageInput>> ParseMultipartAsync(MediaTypeHeaderValue type, ReadOnlyMemory<byte> body)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (boundary.Length is 0 or > 100)
        {
            throw Malformed("The type of the body has no boundary");
        }

        var images = new List<ImageInput>();
        using var stream = new MemoryStream(body.ToArray(), writable: false);
        try
        {
            var reader = new MultipartReader(boundary.ToString(), stream);
            while (await reader.ReadNextSectionAsync() is { } section)
            {
                var disposition = section.GetContentDispositionHeader();
                var name = HeaderUtilities.RemoveQuotes(disposition?.FileName ?? default).ToString();
                if (name.Length == 0 && section.ContentType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) != true)
                {
                    continue; // A field of the form, not a file.
                }

                using var bytes = new MemoryStream();
                await section.Body.CopyToAsync(bytes);
                images.Add(new ImageInput(name.Length > 0 ? name : $"image {images.Count + 1}") { Bytes = bytes.ToArray() });
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Malformed("The body is not complete multipart/form-data");
        }

        return images.Count > 0 ? images : throw Malformed("The form has no file; send one with curl -F image=@cat.png");
    }

    private static RequestImages ParseJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("image", out var one))
            {
                return new RequestImages([ReadJson(one, "image")], IsList: false);
            }

            var list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("images", out var many) ? many : root;
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            {
                throw Malformed("The JSON has neither image nor images");
            }

            return new RequestImages([.. list.EnumerateArray().Select((element, i) => ReadJson(element, $"image {i + 1}"))], IsList: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Strings with lone surrogates are an InvalidOperationException.
            throw Malformed("The body is not valid JSON");
        }
    }

    // A string, or an object with a name of its own.
    private static ImageInput ReadJson(JsonElement element, string name)
    {
        var value = element;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("image", out value)
            && element.TryGetProperty("name", out var given) && given.ValueKind == JsonValueKind.String)
        {
            name = given.GetString()!;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw Malformed($"{Shown(name)} is not a string of base64");
        }

        if (value.TryGetBytesFromBase64(out var bytes))
        {
            return new ImageInput(name) { Bytes = bytes };
        }

        // Browsers write data:image/png;base64,…
        var text = value.GetString()!;
        var data = text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(text.IndexOf(',') + 1) : text;
        var decoded = new byte[((data.Length / 4) + 1) * 3];
        return Convert.TryFromBase64Chars(data, decoded, out var length)
            ? new ImageInput(name) { Bytes = decoded.AsMemory(0, length) }
            : new ImageInput(name) { Fault = "not base64" };
    }
}

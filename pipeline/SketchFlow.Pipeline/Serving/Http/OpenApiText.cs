using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Describes the bodies of <c>/predict</c> in <c>/openapi.json</c>, which the server reads itself.</summary>
internal static class OpenApiText
{
    /// <summary>Sets title, version and description of the document.</summary>
    public static Task DescribeDocumentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "SketchFlow",
            Version = typeof(OpenApiText).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = "Names the classes of images with a trained model.",
        };
        return Task.CompletedTask;
    }

    /// <summary>Describes the bodies and the parameter of <c>/predict</c>.</summary>
    public static async Task DescribePredictAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        operation.Summary = "Name the classes of one or many images.";
        var single = await context.GetOrCreateSchemaAsync(typeof(PredictedImage), cancellationToken: cancellation);
        var list = await context.GetOrCreateSchemaAsync(typeof(PredictedImages), cancellationToken: cancellation);
        operation.Responses!["200"] = new OpenApiResponse
        {
            Description = "The classes of a single image, or a list if the request was a form or had images.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new() { Schema = new OpenApiSchema { AnyOf = [single, list] } },
            },
        };
        var binary = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        var base64 = new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" };
        operation.Parameters =
        [
            new OpenApiParameter
            {
                Name = "top",
                In = ParameterLocation.Query,
                Description = "Number of classes per image.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
            },
        ];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "An image (JPEG, PNG, BMP, GIF, WebP or TIFF), a form with files, or JSON with base64.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["image/*"] = new() { Schema = binary },
                ["multipart/form-data"] = new()
                {
                    Schema = Properties(("image", new OpenApiSchema { Type = JsonSchemaType.Array, Items = binary })),
                },
                ["application/json"] = new()
                {
                    Schema = Properties(("image", base64), ("images", new OpenApiSchema { Type = JsonSchemaType.Array, Items = base64 })),
                },
            },
        };
    }

    private static OpenApiSchema Properties(params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = properties.ToDictionary(p => p.Name, p => (IOpenApiSchema)p.Schema, StringComparer.Ordinal),
    };
}

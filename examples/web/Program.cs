using SketchFlow.Inference;

var builder = WebApplication.CreateBuilder(args);
var model = builder.Configuration["Model"] ?? "model.onnx";

// One classifier for all requests; MaxPixels bounds the memory that an upload can cost.
using var classifier = SketchClassifier.Load(model, new SketchClassifierOptions { MaxPixels = 25_000_000, MaxBytes = 20 << 20 });
builder.WebHost.ConfigureKestrel(o => o.Limits.MaxRequestBodySize = 20 << 20);
var app = builder.Build();

app.MapGet("/", () => Results.Content(
    """
    <!doctype html><title>Sketches</title>
    <form method="post" enctype="multipart/form-data" action="/classify"><input type="file" name="image"><button>Classify</button></form>
    """,
    "text/html"));

app.MapGet("/classes", () => classifier.Classes.Select(c => c.Name));

// curl -F image=@cat.png http://localhost:5000/classify
app.MapPost("/classify", async (IFormFile image, CancellationToken cancellation) =>
{
    try
    {
        await using var stream = image.OpenReadStream();
        var top = await classifier.ClassifyAsync(stream, cancellation);
        return Results.Ok(top.Select(c => new { name = c.Name, probability = c.Probability }));
    }
    catch (ImageRejectedException e)
    {
        return Results.Problem(e.Reason, statusCode: StatusCodes.Status422UnprocessableEntity);
    }
}).DisableAntiforgery();

app.Run();

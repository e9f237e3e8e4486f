using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>Writes one JSON object per image: <c>file</c> and <c>top</c>, or <c>file</c> and <c>error</c>.</summary>
/// <param name="output">Receives the lines.</param>
internal sealed class JsonLinesWriter(TextWriter output) : IClassificationWriter
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <inheritdoc/>
    // Not WriteLine, which breaks long lines between words.
    public void Write(ClassifiedImage image) => output.Write((image.Error is { } error
        ? JsonSerializer.Serialize(new { file = image.Name, error }, _json)
        : JsonSerializer.Serialize(
            new
            {
                file = image.Name,
                top = image.Top.Select(c => new { @class = c.Class.Name, index = c.Index, synset = c.Class.Synset, probability = c.Probability }),
            },
            _json)) + "\n");
}

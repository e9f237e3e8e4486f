using System.Text.Json.Serialization;

namespace SketchFlow.Pipeline.Loading;

/// <summary>A folder and the name under which results for it are stored; an entry of <c>datasets.json</c>.</summary>
/// <param name="Name">Name in the paths of logits and submissions.</param>
/// <param name="Root">Absolute path of the data set's folder.</param>
/// <param name="ClassesSha256">Fingerprint of the class names, regardless of their order.</param>
/// <param name="Encoding">Encoding that its tables were read with; null is UTF-8.</param>
public sealed record DataSetName(
    string Name, string Root, string ClassesSha256, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Encoding = null);

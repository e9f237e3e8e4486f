using System.Text.Json.Serialization;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Pipeline.Loading;

/// <summary>A folder and the name under which results for it are stored; an entry of <c>datasets.json</c>.</summary>
/// <param name="Name">Name in the paths of logits and submissions.</param>
/// <param name="Root">Absolute path of the data set's folder.</param>
/// <param name="ClassesSha256">Fingerprint of the class names, regardless of their order.</param>
/// <param name="Encoding">Encoding that its tables were read with; null is UTF-8.</param>
public sealed record DataSetName(
    string Name, string Root, string ClassesSha256, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Encoding = null)
{
    /// <summary>Column of its tables that names the images; null finds it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageColumn { get; init; }

    /// <summary>Column of its tables that names the classes; null finds it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LabelColumn { get; init; }

    /// <summary>Returns the entry with the options that are given; the others stay.</summary>
    /// <param name="options">Options of reading the data set; null gives none.</param>
    public DataSetName With(DataSetOptions? options) => options is null ? this : this with
    {
        Encoding = options.Encoding ?? Encoding,
        ImageColumn = options.ImageColumn ?? ImageColumn,
        LabelColumn = options.LabelColumn ?? LabelColumn,
    };
}

using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Competitions;

/// <summary>The columns and rows that a competition expects of a submission, as its sample submission shows them.</summary>
public sealed record SubmissionFormat
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Names of the files that tell the format, for sentences.</summary>
    public required string Source { get; init; }

    /// <summary>Names of the columns.</summary>
    public required ImmutableArray<string> Header { get; init; }

    /// <summary>Content of the predicted columns.</summary>
    public required SubmissionKind Kind { get; init; }

    /// <summary>Character between fields.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Places of the predicted columns.</summary>
    public required ImmutableArray<int> Predicted { get; init; }

    /// <summary>Class of each predicted column, by number; empty for labels.</summary>
    public ImmutableArray<int> ColumnClasses { get; init; } = [];

    /// <summary>Class names, in the order of <see cref="Labels"/> and of the numbers in <see cref="ColumnClasses"/>.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>Text of each class in a cell.</summary>
    public required ImmutableArray<string> Labels { get; init; }

    /// <summary>Number of classes in a cell.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Fields of the other columns, one list for each of them in their order.</summary>
    public required ImmutableArray<ImmutableArray<string>> Fields { get; init; }

    /// <summary>Number of the test row of each row; -1 for a row without an image.</summary>
    public required ImmutableArray<int> Rows { get; init; }

    /// <summary>Class of rows without an image: the most frequent one of the training images.</summary>
    public int Commonest { get; init; }

    /// <summary>Number of rows that have no image.</summary>
    [JsonIgnore]
    public int RowsWithoutImage => Rows.Count(r => r < 0);

    /// <summary>Reads a format from JSON.</summary>
    /// <returns>The format; null for text that is none.</returns>
    public static SubmissionFormat? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SubmissionFormat>(json, _json) is { } format && format.IsConsistent() ? format : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns the format as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>Describes the submission in one line.</summary>
    public string Describe()
    {
        var columns = string.Join(Separator, Header.Take(4)) + (Header.Length > 4 ? $"{Separator}… ({Header.Length} columns)" : "");
        var cells = Kind switch
        {
            SubmissionKind.Probabilities => $"the calibrated probabilities of {Predicted.Length} of {Classes.Length} classes",
            SubmissionKind.TopLabels => $"the {Count} most probable classes in a cell, such as {string.Join(' ', Labels.Take(Count))}",
            _ => $"the class, such as {Labels[Commonest]}",
        };
        cells = cells.Replace($"{Classes.Length} of {Classes.Length} classes", $"{Classes.Length} classes", StringComparison.Ordinal);
        var missing = RowsWithoutImage;
        return $"{columns} as in {Source}: {Plural.Of(Rows.Length, "row")}, {cells}"
            + (missing == 0 ? "" : $"; {missing:N0} row{(missing == 1 ? " has" : "s have")} no image");
    }

    private bool IsConsistent()
    {
        if (Header.IsDefault || Predicted.IsDefault || ColumnClasses.IsDefault || Classes.IsDefault || Labels.IsDefault || Fields.IsDefault || Rows.IsDefault)
        {
            return false;
        }

        var others = Header.Length - Predicted.Length;
        return Source is not null && Classes.Length > 0 && Labels.Length == Classes.Length && Count >= 1 && Count <= Classes.Length
            && !Header.Concat(Classes).Concat(Labels).Any(t => t is null) && Enum.IsDefined(Kind)
            && (Kind == SubmissionKind.Probabilities ? ColumnClasses.Length == Predicted.Length : Predicted.Length == 1)
            && Commonest >= 0 && Commonest < Classes.Length
            && Predicted.Length > 0 && Predicted.Distinct().Count() == Predicted.Length && Predicted.All(p => p >= 0 && p < Header.Length)
            && ColumnClasses.All(c => c >= 0 && c < Classes.Length) && Rows.All(r => r >= -1)
            && Fields.Length == others && Fields.All(f => !f.IsDefault && f.Length == Rows.Length && f.All(v => v is not null));
    }
}

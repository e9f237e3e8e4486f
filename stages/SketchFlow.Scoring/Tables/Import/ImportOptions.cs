namespace SketchFlow.Scoring.Tables.Import;

/// <summary>What has to be said of a table of another tool, because the file itself does not.</summary>
public sealed record ImportOptions
{
    /// <summary>Class names in the order of the file's columns; null where the file names them.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>The rows of a <c>.npy</c>, in its order: ids or image paths, one a line; null for other files.</summary>
    public string? IdFile { get; init; }

    /// <summary>What the numbers are.</summary>
    public ImportedValues Values { get; init; } = ImportedValues.AsNamed;
}

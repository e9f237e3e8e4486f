namespace SketchFlow.Scoring.Tables.Import;

/// <summary>Properties of an imported table that its file does not state.</summary>
public sealed record ImportOptions
{
    /// <summary>Class names in the order of the file's columns; null if the file names them.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>File with the ids or image paths of a <c>.npy</c>, one per line in its order; null for other files.</summary>
    public string? IdFile { get; init; }

    /// <summary>Kind of the numbers.</summary>
    public ImportedValues Values { get; init; } = ImportedValues.AsNamed;
}

namespace SketchFlow.Data.Files.Parquet;

/// <summary>Number of values that a row has in a column.</summary>
public enum ParquetRepetition
{
    /// <summary>Exactly one.</summary>
    Required,

    /// <summary>One or none.</summary>
    Optional,

    /// <summary>A list of required values, which may itself be missing.</summary>
    List,
}

namespace SketchFlow.Data.Datasets;

/// <summary>Options of reading a data set.</summary>
public sealed record DataSetOptions
{
    /// <summary>Name of the encoding of <c>train.csv</c> and <c>test.csv</c>, such as <c>windows-1252</c> or <c>cp949</c>; null is UTF-8.</summary>
    public string? Encoding { get; init; }

    /// <summary>Folder for images unpacked from Parquet shards whose own folder cannot be written; null refuses such a data set.</summary>
    public string? CacheFolder { get; init; }
}

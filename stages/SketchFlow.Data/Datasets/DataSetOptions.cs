namespace SketchFlow.Data.Datasets;

/// <summary>Options of reading a data set.</summary>
public sealed record DataSetOptions
{
    /// <summary>Name of the encoding of the tables, such as <c>windows-1252</c> or <c>cp949</c>; null is UTF-8.</summary>
    public string? Encoding { get; init; }

    /// <summary>Column of a competition's tables that names the image; null finds it.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>Column of a competition's training table that names the class; null finds it.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Folder for images unpacked from Parquet shards whose own folder cannot be written; null refuses such a data set.</summary>
    public string? CacheFolder { get; init; }
}

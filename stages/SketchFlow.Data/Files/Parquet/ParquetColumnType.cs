namespace SketchFlow.Data.Files.Parquet;

/// <summary>Type of a Parquet column's values, as far as SketchFlow reads or writes them.</summary>
public enum ParquetColumnType
{
    /// <summary>Any type that is not read, such as decimals and dates.</summary>
    Other,

    /// <summary>Signed integers of at most 32 bits.</summary>
    Int32,

    /// <summary>Unsigned integers of at most 32 bits, stored as int32.</summary>
    UInt32,

    /// <summary>Signed integers of 64 bits.</summary>
    Int64,

    /// <summary>Unsigned integers of 64 bits, stored as int64.</summary>
    UInt64,

    /// <summary>float32.</summary>
    Single,

    /// <summary>float64.</summary>
    Double,

    /// <summary>UTF-8 text.</summary>
    String,

    /// <summary>Bytes without a declared meaning.</summary>
    Bytes,
}

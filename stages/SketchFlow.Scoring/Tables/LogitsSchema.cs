using Parquet;
using Parquet.Schema;

namespace SketchFlow.Scoring.Tables;

/// <summary>The five columns of a logits table (DESIGN, section 5).</summary>
internal static class LogitsSchema
{
    public static readonly DataField<long> Id = new("id", nullable: false);
    public static readonly DataField ImagePath = new("image_path", typeof(string), isNullable: false);
    public static readonly DataField<int> Target = new("target", nullable: true);
    public static readonly DataField Status = new("status", typeof(string), isNullable: false);
    public static readonly ParquetSchema Schema = new(Id, ImagePath, Target, Status, new ListField("logits", new DataField<float>("element", nullable: false)));

    /// <summary>The leaf below <c>logits</c>; its levels are known once the schema is made.</summary>
    public static DataField Logits => Schema.DataFields[4];

    /// <summary>Rows of a row group: 1 MB of logits, so that a reader's pages stay small beside the table, but 64 rows at least and 2,048 at most.</summary>
    public static int RowsPerGroup(int classes) => Math.Clamp((1 << 18) / classes, 64, 2048);

    /// <summary>
    /// Snappy: logits hardly compress (zstd wrote 8 % less in 45 times the time and was read at half the speed, 3,000 × 500 random logits).
    /// Statuses and the levels, which do, are left to it as well.
    /// </summary>
    public static ParquetOptions Options => new() { CompressionMethod = CompressionMethod.Snappy };

    /// <summary>The library's pool keeps 1 MB of small and 16 MB of large free buffers, so that it stays small beside the tables.</summary>
    public static ParquetOptions ReadOptions => new() { MaximumSmallPoolFreeBytes = 1 << 20, MaximumLargePoolFreeBytes = 1 << 24 };
}

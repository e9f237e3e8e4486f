using System.Text.Json.Serialization;

namespace SketchFlow.Data.Datasets;

/// <summary>The unpacked images of one Parquet shard, back to back in one file, with the shard's rows. The index of a pack is this record as JSON.</summary>
/// <param name="File">Path of the file of images; not part of the index.</param>
/// <param name="ShardLength">Length of the shard in bytes, by which a changed shard is recognised.</param>
/// <param name="ShardTicks">Time of the shard's last change, in .NET ticks (UTC).</param>
/// <param name="ClassNames">Class names that the shard's metadata declares; null where it declares none.</param>
/// <param name="Rows">Rows in the order of the shard.</param>
internal sealed record ShardPack(
    [property: JsonIgnore] string File, long ShardLength, long ShardTicks, string[]? ClassNames, IReadOnlyList<ShardPack.Row> Rows)
{
    /// <summary>One row of a shard, with the position of its image in the pack.</summary>
    internal sealed record Row(int Number, long Offset, int Length, string? Label, string? Path);
}

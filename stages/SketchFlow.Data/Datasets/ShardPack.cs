using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SketchFlow.Data.Datasets;

/// <summary>The unpacked images of one Parquet shard, back to back in one file, with the shard's rows. The index of a pack is this record as JSON.</summary>
/// <param name="File">Path of the file of images; not part of the index.</param>
/// <param name="Version">Version of the index; one of another version is written again.</param>
/// <param name="ShardLength">Length of the shard in bytes, by which a changed shard is recognised.</param>
/// <param name="ShardTicks">Time of the shard's last change, in .NET ticks (UTC).</param>
/// <param name="ClassNames">Class names that the shard's metadata declares; null where it declares none.</param>
/// <param name="HasTextLabels">Whether labels are words, even if they consist of digits, and not class numbers.</param>
/// <param name="Columns">Further columns of numbers or texts.</param>
/// <param name="Rows">Rows in the order of the shard.</param>
internal sealed record ShardPack(
    [property: JsonIgnore] string File, int Version, long ShardLength, long ShardTicks, string[]? ClassNames, bool HasTextLabels,
    IReadOnlyList<ShardPack.Column> Columns, IReadOnlyList<ShardPack.Row> Rows)
{
    /// <summary>Version of the index that is written here.</summary>
    public const int CurrentVersion = 2;

    /// <summary>SHA-256 of the index without this value: a damaged index would silently change labels.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Creates the pack of a shard, without rows.</summary>
    public static ShardPack For(FileInfo shard) => new("", CurrentVersion, shard.Length, shard.LastWriteTimeUtc.Ticks, null, false, [], []);

    /// <summary>Whether the pack was made of the shard as it is now, and its file of images has the right length.</summary>
    public bool Fits(FileInfo shard, FileInfo images) =>
        Version == CurrentVersion && Sha256 == ComputeSha256() && Rows is not null && Columns is not null
        && ShardLength == shard.Length && ShardTicks == shard.LastWriteTimeUtc.Ticks && images.Exists && Covers(images.Length);

    /// <summary>Returns the pack with its checksum.</summary>
    public ShardPack Seal() => this with { Sha256 = ComputeSha256() };

    // The rows follow each other without gaps.
    private bool Covers(long length)
    {
        var end = 0L;
        foreach (var row in Rows)
        {
            if (row is null || row.Length < 0 || row.Offset != end || !(HasTextLabels || row.Label is null || IsNumber(row.Label)))
            {
                return false;
            }

            end += row.Length;
        }

        return end == length && Columns.All(c => c is { Name: not null, Values: { } values } && values.Count == Rows.Count);
    }

    private static bool IsNumber(string label) => Int128.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private string ComputeSha256() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Sha256 = "" })));

    /// <summary>One row of a shard, with the position of its image in the pack.</summary>
    /// <param name="Number">Number of the row in the shard.</param>
    /// <param name="Offset">Position of the image.</param>
    /// <param name="Length">Length of the image in bytes; 0 where the row has none.</param>
    /// <param name="Label">Class number in decimal digits, or class name; null where the row has none.</param>
    /// <param name="Path">File name of the image; null where the row has none.</param>
    /// <param name="Fault">Reason why the row cannot be used; null for a good one.</param>
    internal sealed record Row(int Number, long Offset, int Length, string? Label, string? Path, string? Fault);

    /// <summary>A further column of a shard.</summary>
    /// <param name="Name">Name of the column.</param>
    /// <param name="Values">Value of each row; empty text where a row has none.</param>
    internal sealed record Column(string Name, IReadOnlyList<string> Values);
}

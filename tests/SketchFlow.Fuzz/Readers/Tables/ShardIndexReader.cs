using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>The index of a shard's unpacked images. Its checksum is renewed, so that the values are read, too.</summary>
public sealed class ShardIndexReader() : Reader("shard-index", new JsonParts())
{
    private const string Shard = "train-00000-of-00001.parquet";

    private static readonly DecodeOptions _decode = new() { MaxPixels = 8_000_000, RememberGrey = false };
    private static byte[]? _shard;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        PlaceShard(folder);
        DataSetReader.Read(folder);
        yield return File.ReadAllBytes(Index(folder));
    }

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        PlaceShard(folder);
        DataSetReader.Read(folder);
        File.WriteAllBytes(Index(folder), Sealed(input, new FileInfo(Path.Combine(folder, Shard))));
        foreach (var sample in DataSetReader.Read(folder).Train.Take(4))
        {
            var outcome = ImageDecoder.Read(_decode, sample);
            if (outcome.IsValue)
            {
                outcome.Value.Dispose();
            }
        }

        return null;
    }

    private static void PlaceShard(string folder)
    {
        if (_shard is null)
        {
            var made = Directory.CreateDirectory(Path.Combine(folder, "made")).FullName;
            _shard = new HubShardReader().CreateSeeds(made).First();
            Directory.Delete(made, recursive: true);
        }

        File.WriteAllBytes(Path.Combine(folder, Shard), _shard);
    }

    private static string Index(string folder) => Directory.EnumerateFiles(Path.Combine(folder, FolderScan.PackFolder), "*.json").Single();

    private static byte[] Sealed(byte[] input, FileInfo shard)
    {
        try
        {
            return JsonSerializer.Deserialize<ShardPack>(input) is { } pack
                ? JsonSerializer.SerializeToUtf8Bytes((pack with { ShardTicks = shard.LastWriteTimeUtc.Ticks }).Seal())
                : input;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return input;
        }
    }
}

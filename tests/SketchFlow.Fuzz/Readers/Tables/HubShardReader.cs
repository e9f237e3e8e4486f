using ParquetSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Fuzz.Readers.Images;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>Shards as data set hubs publish them. The folder <c>Corpus/hub-shard</c> has some that DuckDB has written.</summary>
public sealed class HubShardReader() : FileReader("hub-shard", new ParquetParts(), Path.Combine("data", "train-00000-of-00001.parquet"))
{
    private static readonly DecodeOptions _decode = new() { MaxPixels = 8_000_000, RememberGrey = false };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases =>
        ["tables/hub-*.bin", .. ((string[])["digits", "lnull", "t_UINTEGER"]).Select(kind => $"data/14-parquet-{kind}/*.parquet")];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        byte[][] images = [.. new PngReader().CreateSeeds(folder).Take(3)];
        yield return Written(folder, "words.parquet", path => Write(path, images, ["cat", "dog", "cat"]));
        yield return Written(folder, "numbers.parquet", path => Write(path, images, [0L, 1L, 1L]));
    }

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        var data = DataSetReader.Read(folder);
        foreach (var sample in data.Train.Concat(data.Validation).Concat(data.Test).Take(4))
        {
            var outcome = ImageDecoder.Read(_decode, sample);
            if (outcome.IsValue)
            {
                outcome.Value.Dispose();
            }
        }

        return null;
    }

    private static void Write<T>(string path, byte[][] images, T[] labels)
    {
        using var file = new ParquetFileWriter(path, [new Column<byte[]>("image"), new Column<T>("label")]);
        using (var group = file.AppendRowGroup())
        {
            using (var column = group.NextColumn().LogicalWriter<byte[]>())
            {
                column.WriteBatch(images);
            }

            using var names = group.NextColumn().LogicalWriter<T>();
            names.WriteBatch(labels);
        }

        file.Close();
    }
}

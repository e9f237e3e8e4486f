using System.Text;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Tables;

public sealed class DamagedTableTests
{
    [Fact(Timeout = 60_000)]
    public async Task A_flipped_bit_anywhere_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(40, 3, 1));
        var bytes = await File.ReadAllBytesAsync(path);
        for (var at = 0; at < bytes.Length; at += 5)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= (byte)(1 << (at % 8));
            await File.WriteAllBytesAsync(path, flipped);
            // Only the name of the hash's key is not covered by the hash: without it the table is read like one of another tool.
            var key = bytes.AsSpan().LastIndexOf("file_sha256"u8);
            if (at >= key - 1 && at < key + "file_sha256".Length + 2)
            {
                continue;
            }

            LogitsTableTests.Refused(path);
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Reading_a_damaged_table_without_a_hash_ends(int seed)
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(300, 4, 1));
        var bytes = await File.ReadAllBytesAsync(path);
        // Without its key the hash is not checked, so that every flip reaches the parser.
        var key = bytes.AsSpan().LastIndexOf("file_sha256"u8);
        Encoding.ASCII.GetBytes("file_sha000").CopyTo(bytes.AsSpan(key));
        await File.WriteAllBytesAsync(path, bytes);
        var sound = LogitsReader.Read(path);
        var chance = KeyedRandom.For(seed, 0, 0, "flips");
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        var refused = 0;
        for (var trial = 0; trial < 400; trial++)
        {
            var flipped = (byte[])bytes.Clone();
            for (var flips = chance.NextInteger(1, 4); flips > 0; flips--)
            {
                // Half of the flips are in the footer.
                var at = chance.Happens(0.5) ? bytes.Length - 1 - chance.NextInteger(0, footer + 8) : chance.NextInteger(0, bytes.Length);
                flipped[at] ^= (byte)(1 << chance.NextInteger(0, 8));
            }

            await File.WriteAllBytesAsync(path, flipped);
            try
            {
                Assert.Equal(sound.Logits.ToArray(), LogitsReader.Read(path).Logits.ToArray());
            }
            catch (RefusalException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 400);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_table_without_a_hash_and_with_dictionaries_is_read_as_well()
    {
        // ParquetSharp writes dictionaries by default.
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(700, 300, 1));
        var direct = LogitsReader.Read(path);
        using (var file = new ParquetSharp.ParquetFileReader(path))
        {
            var pairs = file.FileMetaData.KeyValueMetadata.Where(p => p.Key is not "file_sha256")
                .ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
            using var writer = new ParquetSharp.ParquetFileWriter(
                folder["u.parquet"],
                [
                    new ParquetSharp.Column<long>("id"), new ParquetSharp.Column<string>("image_path"), new ParquetSharp.Column<int?>("target"),
                    new ParquetSharp.Column<string>("status"), new ParquetSharp.Column<float[]>("logits"),
                ],
                keyValueMetadata: pairs);
            using (var group = writer.AppendRowGroup())
            {
                Put(direct.Ids);
                Put(direct.ImagePaths);
                Put(direct.Targets);
                Put(direct.Statuses);
                Put(Enumerable.Range(0, direct.Rows).Select(r => direct.Row(r).ToArray()).ToArray());

                void Put<T>(T[] values)
                {
                    using var column = group.NextColumn().LogicalWriter<T>();
                    column.WriteBatch(values);
                }
            }

            writer.Close();
        }

        var foreign = LogitsReader.Read(folder["u.parquet"]);
        Assert.Equal(direct.Ids, foreign.Ids);
        Assert.Equal(direct.Targets, foreign.Targets);
        Assert.Equal(direct.Logits.ToArray(), foreign.Logits.ToArray());
    }
}

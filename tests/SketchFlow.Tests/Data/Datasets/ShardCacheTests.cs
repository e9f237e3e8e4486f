using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Places of the unpacked images of shards, and how damage is found.</summary>
public sealed class ShardCacheTests
{
    [Fact]
    public void A_damaged_index_is_written_again_and_never_changes_a_label()
    {
        using var folder = new TemporaryFolder();
        HubShardTests.Shard(folder["train-0.parquet"], "INTEGER", "0", "1", "2", "1");
        var expected = Describe(folder.Root);
        var index = Directory.EnumerateFiles(folder[".sketchflow"], "*.json").Single();
        var bytes = File.ReadAllBytes(index);
        var random = KeyedRandom.For(1, 0, 0, KeyedRandom.Hash("index"));
        for (var i = 0; i < 60; i++)
        {
            var damaged = bytes.ToArray();
            damaged[(int)(random.NextBits() % (ulong)damaged.Length)] ^= (byte)(1 << (int)(random.NextBits() % 7));
            File.WriteAllBytes(index, i % 4 == 3 ? damaged[..(int)(random.NextBits() % (ulong)damaged.Length)] : damaged);
            Assert.Equal(expected, Describe(folder.Root));
        }

        foreach (var text in (string[])["", "null", "[]", "{}", "{\"Rows\": null}", "{\"Version\": 2}", "\uFEFF{", "{\"Rows\": [null]}", "{\"Version\": 1e99}"])
        {
            File.WriteAllText(index, text);
            Assert.Equal(expected, Describe(folder.Root));
        }

        Assert.Equal(bytes, File.ReadAllBytes(index));
    }

    [Fact]
    public void A_pack_of_another_length_and_a_changed_shard_are_unpacked_again()
    {
        using var folder = new TemporaryFolder();
        HubShardTests.Shard(folder["train-0.parquet"], "INTEGER", "0", "1");
        var expected = Describe(folder.Root);
        File.WriteAllText(Directory.EnumerateFiles(folder[".sketchflow"], "*.images").Single(), "x");
        Assert.Equal(expected, Describe(folder.Root));
        File.Delete(folder["train-0.parquet"]);
        HubShardTests.Shard(folder["train-0.parquet"], "INTEGER", "1", "0", "1");
        Assert.Equal(3, DataSetReader.Read(folder.Root).Train.Length);
    }

    [Fact]
    public void Where_the_data_cannot_be_written_the_images_are_unpacked_into_the_given_folder()
    {
        using var folder = new TemporaryFolder().With("read-only/.sketchflow", "a file where the folder would be");
        HubShardTests.Shard(folder["read-only/train-0.parquet"], "INTEGER", "0", "1");
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder["read-only"]));
        Assert.Contains("which cannot be written", refusal.Message, StringComparison.Ordinal);

        var options = new DataSetOptions { CacheFolder = folder["cache"] };
        var data = DataSetReader.Read(folder["read-only"], options);
        Assert.All(data.Train, s => Assert.StartsWith(folder["cache"], s.File, StringComparison.Ordinal));
        var written = Directory.EnumerateFiles(folder["cache"], "*.images", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Single();
        Assert.Equal(data.Train.Select(s => s.File), DataSetReader.Read(folder["read-only"], options).Train.Select(s => s.File));
        Assert.Equal(written, Directory.EnumerateFiles(folder["cache"], "*.images", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Single());
    }

    private static string Describe(string root)
    {
        var data = DataSetReader.Read(root);
        return string.Join(' ', data.Train.Select(s => $"{s}={s.Target}@{s.Section}")) + string.Join(' ', data.Classes);
    }
}

using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Labels, splits and names of shards from hubs, and shards that were damaged on purpose.</summary>
public sealed class HubShardTests
{
    private static string Cases => Path.Combine(Reference.Folder, "cases");

    [Fact]
    public void Words_of_digits_stay_words()
    {
        using var folder = Copied("14-parquet-digits");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["10", "2", "x"], data.Classes);
        Assert.Equal([4, 4, 4], data.Train.GroupBy(s => s.Target!.Value).Select(g => g.Count()));
    }

    [Fact]
    public void Splits_are_named_anywhere_in_the_path()
    {
        using var folder = Copied("14-parquet-names");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal((12, 12, 12), (data.Train.Length, data.Validation.Length, data.Test.Length));
    }

    [Theory]
    [InlineData("data/train-00000-of-00001.parquet", "train")]
    [InlineData("train/0000.parquet", "train")]
    [InlineData("plain_text/validation/0000.parquet", "val")]
    [InlineData("plain_text/partial-train/0000.parquet", "train")]
    [InlineData("default/dev.parquet", "val")]
    [InlineData("Sketch_TEST.parquet", "test")]
    [InlineData("a.b-valid_c.parquet", "val")]
    [InlineData("test-set/train-0.parquet", "train")]
    [InlineData("contest-0.parquet", "train")]
    [InlineData("latest/retest0.parquet", "train")]
    [InlineData("tester_validated.parquet", "train")]
    public void A_split_is_a_whole_word_of_the_path(string path, string split)
    {
        using var folder = new TemporaryFolder();
        Shard(folder["train.parquet"], "INTEGER", "0", "1");
        Shard(folder[path], "INTEGER", "0");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(split, data.Validation.Length > 0 ? "val" : data.Test.Length > 0 ? "test" : data.Train.Length > 2 ? "train" : "none");
    }

    [Fact]
    public void Rows_without_a_label_are_rejected_and_the_others_train()
    {
        using var folder = Copied("14-parquet-lnull");
        var train = DataSetReader.Read(folder.Root).Train;
        Assert.NotEmpty(train.Where(s => s.Fault == "no label"));
        Assert.NotEmpty(train.Where(s => s.Fault is null));
        Assert.All(train, s => Assert.Equal(s.Fault is null, s.Target is not null));
    }

    [Theory]
    [InlineData("14-parquet-t_UINTEGER")]
    [InlineData("14-parquet-hid")]
    public void Unsigned_labels_and_hidden_files_are_no_obstacle(string name)
    {
        using var folder = Copied(name);
        var data = DataSetReader.Read(folder.Root);
        Assert.True(data.Train.Length > 0 && data.Faults == 0, data.ToString());
        Assert.Equal(name.EndsWith("hid", StringComparison.Ordinal) ? "1 hidden entry (._train-00000-of-00001.parquet)" : "", data.NotUsed);
    }

    [Fact]
    public void Numbers_without_names_are_classes_only_where_rows_have_them()
    {
        using var folder = new TemporaryFolder();
        Shard(folder["train-0.parquet"], "BIGINT", "205", "7", "NULL", "-1", "7");
        Shard(folder["val-0.parquet"], "BIGINT", "7", "9", "NULL");
        Shard(folder["test-0.parquet"], "BIGINT", "205", "9", "NULL", "-1");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["class 7", "class 205"], data.Classes);
        Assert.Equal([1, 0, null, null, 0], data.Train.Select(s => s.Target));
        Assert.Equal([null, null, "no label", "no label", null], data.Train.Select(s => s.Fault));
        Assert.Equal([null, "the label \"9\" is in no training row", "no label"], data.Validation.Select(s => s.Fault));
        Assert.Equal([1, null, null, null], data.Test.Select(s => s.Target));
        Assert.All(data.Test, s => Assert.Null(s.Fault));
        Assert.StartsWith("1 test label that is no class (#1 ", data.NotUsed, StringComparison.Ordinal);
    }

    [Fact]
    public void Declared_names_are_those_of_the_training_shard_and_other_shards_are_translated()
    {
        using var folder = new TemporaryFolder();
        Shard(folder["test-0.parquet"], "BIGINT", "1", "0");
        Shard(folder["train-0.parquet"], "BIGINT", "0", "1", "2");
        Shard(folder["val-0.parquet"], "BIGINT", "0", "1", "5");
        Declare(folder["test-0.parquet"], "owl", "cat");
        Declare(folder["train-0.parquet"], "cat", "dog", "owl");
        Declare(folder["val-0.parquet"], "owl", "bee");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["cat", "dog", "owl"], data.Classes);
        Assert.Equal([0, 1, 2], data.Train.Select(s => s.Target!.Value));
        Assert.Equal([0, 2], data.Test.Select(s => s.Target!.Value));
        Assert.Equal([2, null, null], data.Validation.Select(s => s.Target));
        Assert.Equal(
            [null, "the label \"bee\" is no class of the training shards", "the label 5 is not a class number below 2"], data.Validation.Select(s => s.Fault));
    }

    [Fact]
    public void Two_declared_classes_of_one_name_stay_two_and_numbers_beyond_the_names_are_rejected()
    {
        using var folder = new TemporaryFolder();
        Shard(folder["train-0.parquet"], "INTEGER", "0", "1", "2", "3");
        Declare(folder["train-0.parquet"], "crane", "dog", "crane");
        var train = DataSetReader.Read(folder.Root).Train;
        Assert.Equal([0, 1, 2, null], train.Select(s => s.Target));
        Assert.Equal("the label 3 is not a class number below 3", train[3].Fault);
    }

    [Fact]
    public void Labels_that_are_no_text_never_merge()
    {
        using var folder = new TemporaryFolder();
        Shard(folder["train-0.parquet"], "VARCHAR", "'caf_'", "'th_'", "'tea'");
        // The file is not compressed text: bytes of the labels are replaced by those of another encoding.
        var bytes = File.ReadAllBytes(folder["train-0.parquet"]);
        foreach (var label in (byte[][])[[.. "caf_"u8], [.. "th_"u8]])
        {
            var at = bytes.AsSpan().IndexOf(label);
            Assert.True(at >= 0, "DuckDB writes short texts as they are");
            bytes[at + label.Length - 1] = 0xE9;
        }

        File.WriteAllBytes(folder["train-0.parquet"], bytes);
        var train = DataSetReader.Read(folder.Root).Train;
        Assert.Equal(["the label is not UTF-8", "the label is not UTF-8", null], train.Select(s => s.Fault));
    }

    [Fact]
    public void Further_columns_can_group_the_rows()
    {
        using var folder = new TemporaryFolder();
        const string Rows = "(0, {'bytes': from_hex('FFD8'), 'path': 'a.png'}, 0, 'p1', 7), (1, {'bytes': from_hex('FFD8'), 'path': 'b.png'}, 1, NULL, 8)";
        PublishedImages.WriteShard(
            $"SELECT image, label, photo, page FROM (VALUES {Rows}) t(id, image, label, photo, page) ORDER BY id", folder["train-0.parquet"]);
        Shard(folder["train-1.parquet"], "INTEGER", "0");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["photo: p1,,", "page: 7,8,"], data.TrainColumns.Select(c => $"{c.Name}: {string.Join(',', c.Values)}"));
        Assert.Equal("p1", SampleGroups.ByColumn(data, "photo").NameOf(data.Train[0]));
        Assert.Contains(
            "The table of ", Assert.Throws<RefusalException>(() => SampleGroups.ByColumn(data, "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_without_images_and_other_files_are_named()
    {
        using var folder = new TemporaryFolder().With("README.md").With(".cache/train-9.parquet", "no shard");
        Shard(folder["train-0.parquet"], "INTEGER", "0", "1");
        PublishedImages.WriteShard("SELECT 1 AS id", folder["metadata.parquet"]);
        Assert.Equal(
            "1 hidden entry (.cache), 1 other entry (README.md), 1 shard without images (metadata.parquet)", DataSetReader.Read(folder.Root).NotUsed);
    }

    [Fact]
    public void Logits_of_a_run_below_the_data_are_no_shards()
    {
        using var folder = new TemporaryFolder().With("artifacts/datasets.json", "[]");
        Shard(folder["data/train-0.parquet"], "INTEGER", "0", "1");
        PublishedImages.WriteShard("SELECT 1 AS id", folder["artifacts/logits/d/train/r.parquet"]);
        PublishedImages.WriteShard("SELECT 1 AS id", folder["tables/test/r.parquet"]);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal((2, 0), (data.Train.Length, data.Test.Length));
        Assert.Equal("1 output folder (artifacts), 1 shard without images (tables/test/r.parquet)", data.NotUsed);
    }

    [Theory]
    [InlineData("hub-HANG-12098.bin")]
    [InlineData("hub-HANG-1353.bin")]
    [InlineData("hub-SLOW-3843.bin")]
    [InlineData("hub-other-19182.bin")]
    public void Damaged_shards_are_refused_at_once(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Cases, "tables", name), folder["train-00000-of-00001.parquet"]);
        RefusedOrRead(folder.Root);
    }

    [Fact]
    public void A_shard_that_decodes_to_a_thousand_times_its_length_is_refused()
    {
        using var folder = new TemporaryFolder();
        PublishedImages.WriteShard(
            "SELECT {'bytes': encode(repeat('x', 1000000)), 'path': 'x'} AS image, 0 AS label FROM range(1000)", folder["train-0.parquet"]);
        Assert.True(new FileInfo(folder["train-0.parquet"]).Length < 4 << 20);
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains("bytes decode to more than", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder[".sketchflow"]));
    }

    [Fact]
    public void Mutants_of_a_shard_are_read_or_refused_within_a_second()
    {
        using var folder = Copied("14-parquet-lnull");
        var shard = folder["train.parquet"];
        var (bytes, random) = (File.ReadAllBytes(shard), KeyedRandom.For(1, 0, 0, KeyedRandom.Hash("mutants")));
        for (var i = 0; i < 120; i++)
        {
            var mutant = bytes.ToArray();
            for (var flips = 0; flips <= i % 4; flips++)
            {
                mutant[(int)(random.NextBits() % (ulong)mutant.Length)] ^= (byte)(1 << (int)(random.NextBits() % 8));
            }

            File.WriteAllBytes(shard, i % 5 == 4 ? mutant[..(int)(random.NextBits() % (ulong)mutant.Length)] : mutant);
            RefusedOrRead(folder.Root);
        }
    }

    private static void RefusedOrRead(string root)
    {
        var (watch, before) = (Stopwatch.StartNew(), ProcessMemory.ResidentBytes);
        try
        {
            _ = DataSetReader.Read(root);
        }
        catch (RefusalException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            Assert.DoesNotContain("Exception", e.Message, StringComparison.Ordinal);
        }

        // A busy machine may be slow; the faults took minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.True(ProcessMemory.ResidentBytes - before < 256 << 20, "more than 256 MB");
    }

    private static TemporaryFolder Copied(string name)
    {
        var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Cases, "data", name)))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
            File.SetUnixFileMode(folder[Path.GetFileName(file)], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return folder;
    }

    // A shard whose images are two bytes each, with labels written as SQL.
    internal static void Shard(string file, string type, params string[] labels)
    {
        var rows = labels.Select((label, i) => $"({i}, {{'bytes': from_hex('FFD8'), 'path': NULL::VARCHAR}}, {label}::{type})");
        PublishedImages.WriteShard($"SELECT image, label FROM (VALUES {string.Join(", ", rows)}) t(id, image, label) ORDER BY id", file);
    }

    // Writes the shard again with class names as the hub declares them.
    private static void Declare(string file, params string[] names)
    {
        var json = "{\"info\": {\"features\": {\"label\": {\"names\": [\"" + string.Join("\", \"", names) + "\"], \"_type\": \"ClassLabel\"}}}}";
        var plain = file + ".plain";
        File.Move(file, plain);
        PublishedImages.WriteShard($"SELECT * FROM read_parquet('{plain}')", file, $"KV_METADATA {{huggingface: '{json}'}}");
        File.Delete(plain);
    }
}

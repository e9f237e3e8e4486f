using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Shards that DuckDB has written.</summary>
public sealed class ParquetLayoutTests
{
    [Fact]
    public void Shards_open_as_a_data_set_whose_images_decode_to_what_went_in()
    {
        using var folder = new TemporaryFolder();
        var bytes = PublishedImages.Drawings(12);
        Shard(Path.Combine(folder.Root, "data", "train-00000-of-00001.parquet"), [.. bytes.Take(9)], i => i % 3);
        Shard(Path.Combine(folder.Root, "data", "test-00000-of-00001.parquet"), [.. bytes.Skip(9)], _ => -1);
        for (var time = 0; time < 2; time++)
        {
            var data = DataSetReader.Read(folder.Root);
            Assert.Equal((DataSetLayout.Parquet, 9, 3, 3), (data.Layout, data.Train.Length, data.Test.Length, data.Classes.Length));
            Assert.Equal(Enumerable.Range(0, 9).Select(i => (int?)(i % 3)), data.Train.Select(s => s.Target));
            Assert.All(data.Test, s => Assert.Null(s.Target));
            for (var i = 0; i < 9; i++)
            {
                Assert.Equal($"drawing-{i}.png", data.Train[i].ImagePath);
                using var there = ImageDecoder.Read(new DecodeOptions(), data.Train[i]).Value;
                using var expected = ImageDecoder.Read(new DecodeOptions(), data.Train[i] with { Section = null }, bytes[i]).Value;
                Assert.Equal(expected.Bytes.ToArray(), there.Bytes.ToArray());
            }
        }
    }

    [Fact]
    public void A_row_without_an_image_is_rejected_and_the_others_keep_theirs()
    {
        using var folder = new TemporaryFolder();
        foreach (var gap in new[] { 0, 1, 3 })
        {
            var bytes = PublishedImages.Drawings(4);
            var whole = bytes.ToArray();
            bytes[gap] = [];
            var root = Path.Combine(folder.Root, $"gap-{gap}");
            Shard(Path.Combine(root, "train-0.parquet"), bytes, i => i);
            for (var time = 0; time < 2; time++)
            {
                var train = DataSetReader.Read(root).Train;
                Assert.Equal([0, 1, 2, 3], train.Select(s => s.Target!.Value));
                Assert.Equal("no image in this row", ImageDecoder.Read(new DecodeOptions(), train[gap]).Rejection!.Reason);
                foreach (var other in Enumerable.Range(0, 4).Where(i => i != gap))
                {
                    using var stream = train[other].OpenRead();
                    using var read = new MemoryStream();
                    stream.CopyTo(read);
                    Assert.Equal(whole[other], read.ToArray());
                    Assert.Equal($"drawing-{other}.png", train[other].ImagePath);
                }
            }
        }
    }

    [Fact]
    public void Rows_whose_struct_is_null_have_neither_image_nor_name()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "train-0.parquet");
        const string Rows = "(0, NULL, 0::BIGINT), (1, {'bytes': from_hex('FFD8'), 'path': NULL::VARCHAR}, 1::BIGINT)";
        PublishedImages.WriteShard($"SELECT image, label FROM (VALUES {Rows}) t(id, image, label) ORDER BY id", file);
        var train = DataSetReader.Read(folder.Root).Train;
        Assert.Equal(["train-0.parquet#0", "train-0.parquet#1"], train.Select(s => s.ImagePath));
        Assert.Equal(("no image in this row", null), (train[0].Fault, train[1].Fault));
        Assert.Equal(2, train[1].Section!.Value.Length);
    }

    // Each label is the largest of its type, or above the largest of the signed type of the same width.
    [Theory]
    [InlineData("TINYINT", 127)]
    [InlineData("SMALLINT", 32_767)]
    [InlineData("INTEGER", 300)]
    [InlineData("BIGINT", 300)]
    [InlineData("UTINYINT", 255)]
    [InlineData("USMALLINT", 65_535)]
    [InlineData("UINTEGER", 300)]
    [InlineData("UBIGINT", 300)]
    public void Labels_are_integers_of_any_width_and_sign(string type, int label)
    {
        using var folder = new TemporaryFolder();
        Labels(Path.Combine(folder.Root, "train-0.parquet"), type, "1", $"{label}", "0");
        Labels(Path.Combine(folder.Root, "test-0.parquet"), type, type[0] == 'U' ? "NULL" : "-1", "NULL");

        var data = DataSetReader.Read(folder.Root);

        Assert.Equal([1, 2, 0], data.Train.Select(s => s.Target!.Value));
        Assert.Equal(["class 0", "class 1", $"class {label}"], data.Classes);
        Assert.Equal(2, data.Test.Length);
        Assert.All(data.Test, s => Assert.Null(s.Target));
    }

    [Theory]
    [InlineData("INTEGER", "2147483647")]
    [InlineData("UINTEGER", "4294967295")]
    [InlineData("BIGINT", "9223372036854775807")]
    [InlineData("UBIGINT", "18446744073709551615")]
    public void Labels_at_the_end_of_their_type_are_classes_of_their_own(string type, string label)
    {
        using var folder = new TemporaryFolder();
        Labels(Path.Combine(folder.Root, "train-0.parquet"), type, "1", label, type == "UBIGINT" ? "18446744073709551614" : "2");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(3, data.Classes.Length);
        Assert.Equal($"class {label}", data.Classes[2]);
        Assert.Equal([0, 2, 1], data.Train.Select(s => s.Target!.Value));
    }

    [Theory]
    [InlineData("FLOAT")]
    [InlineData("DATE")]
    [InlineData("DECIMAL(4, 1)")]
    public void Labels_of_any_other_type_are_refused_by_name(string type)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "train-0.parquet");
        Labels(file, type, "NULL");
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains($"{file}: label is of type", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("expected a whole number or text in each row.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_shard_is_refused_by_name_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder().With("train-0.parquet", "PAR1 and no more");
        Assert.Contains("train-0.parquet", Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Root, ".sketchflow")));
    }

    // A shard whose images are two bytes each, with labels written as SQL.
    private static void Labels(string file, string type, params string[] labels)
    {
        var rows = labels.Select((label, i) => $"({i}, {{'bytes': from_hex('FFD8'), 'path': NULL::VARCHAR}}, {label}::{type})");
        PublishedImages.WriteShard($"SELECT image, label FROM (VALUES {string.Join(", ", rows)}) t(id, image, label) ORDER BY id", file);
    }

    private static void Shard(string file, byte[][] images, Func<int, int> label)
    {
        static string Blob(byte[] bytes) => bytes.Length == 0 ? "NULL::BLOB" : $"from_hex('{Convert.ToHexString(bytes)}')";
        var rows = images.Select((bytes, i) => $"({i}, {{'bytes': {Blob(bytes)}, 'path': 'drawing-{i}.png'}}, {label(i)}::BIGINT)");
        PublishedImages.WriteShard($"SELECT image, label FROM (VALUES {string.Join(", ", rows)}) t(id, image, label) ORDER BY id", file);
    }
}

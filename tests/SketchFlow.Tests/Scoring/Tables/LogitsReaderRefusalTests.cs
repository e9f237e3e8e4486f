using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ParquetSharp;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Tables;

/// <summary>Faulty tables are written with ParquetSharp, as SketchFlow's own writer refuses to.</summary>
public sealed class LogitsReaderRefusalTests
{
    internal sealed record Draft
    {
        public long[] Ids { get; init; } = [0, 1];

        public string?[] Paths { get; init; } = ["a.png", "b.png"];

        public int?[] Targets { get; init; } = [0, null];

        public string[] Statuses { get; init; } = ["ok", "ok"];

        public float[]?[] Logits { get; init; } = [[1, 2], [3, 4]];

        public string LogitsName { get; init; } = "logits";

        public Dictionary<string, string?> Changes { get; init; } = [];

        public void Write(string path)
        {
            var names = "[\"cat\",\"dog\"]";
            var keys = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["schema_version"] = "1",
                ["model"] = "m",
                ["run"] = "r",
                ["class_names"] = names,
                ["class_names_sha256"] = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(names))),
                ["preprocessing"] = "",
                ["tta"] = "none",
                ["seed"] = "0",
                ["dataset"] = "d",
                ["split"] = "val",
                ["created"] = "2026-01-01T00:00:00Z",
                ["rows"] = Ids.Length.ToString(CultureInfo.InvariantCulture),
                ["logits_sha256"] = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(Logits.SelectMany(l => l ?? []).ToArray()))),
            };
            foreach (var (key, value) in Changes)
            {
                keys.Remove(key);
                if (value is not null)
                {
                    keys[key] = value;
                }
            }

            using var file = new ParquetFileWriter(
                path,
                [new Column<long>("id"), new Column<string>("image_path"), new Column<int?>("target"), new Column<string>("status"),
                    new Column<float[]>(LogitsName)],
                keyValueMetadata: keys);
            using (var group = file.AppendRowGroup())
            {
                Put(group, Ids);
                Put(group, Paths);
                Put(group, Targets);
                Put(group, Statuses);
                Put(group, Logits);
            }

            file.Close();
        }

        private static void Put<T>(RowGroupWriter group, T[] values)
        {
            using var writer = group.NextColumn().LogicalWriter<T>();
            writer.WriteBatch(values);
        }
    }

    private static string Refused(Draft draft)
    {
        using var folder = new TemporaryFolder();
        draft.Write(folder["t.parquet"]);
        return LogitsTableTests.Refused(folder["t.parquet"]);
    }

    [Fact]
    public void A_sound_table_of_another_writer_is_read()
    {
        using var folder = new TemporaryFolder();
        new Draft().Write(folder["t.parquet"]);
        var table = SketchFlow.Scoring.Tables.LogitsReader.Read(folder["t.parquet"]);
        Assert.Equal([1, 2, 3, 4], table.Logits.ToArray());
        Assert.Equal([0, null], table.Targets);
        Assert.Null(table.Metadata.Fold);
        Assert.Null(table.Metadata.CheckpointSha256);
    }

    [Fact]
    public void Twice_the_same_id() => Assert.Contains("id 4 twice", Refused(new Draft { Ids = [4, 4] }), StringComparison.Ordinal);

    [Fact]
    public void A_logit_that_is_not_finite()
    {
        Assert.Contains("NaN for class dog in the row of id 1", Refused(new Draft { Logits = [[1, 2], [3, float.NaN]] }), StringComparison.Ordinal);
        Assert.Contains("for class cat in the row of id 0", Refused(new Draft { Logits = [[float.NegativeInfinity, 2], [3, 1]] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_the_wrong_length()
    {
        Assert.Contains("holds 5 logits", Refused(new Draft { Logits = [[1, 2], [3, 4, 5]] }), StringComparison.Ordinal);
        Assert.Contains("expected 2", Refused(new Draft { Logits = [[1, 2, 3], [4]] }), StringComparison.Ordinal);
        Assert.Contains("expected 2", Refused(new Draft { Logits = [[1], [2, 3, 4]] }), StringComparison.Ordinal);
        Assert.Contains("expected 4", Refused(new Draft { Logits = [[1, 2], null] }), StringComparison.Ordinal);
        Assert.Contains("expected 4", Refused(new Draft { Logits = [[1, 2], []] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_out_of_range() =>
        Assert.Contains("target 2 in the row of id 0, expected 0 to 1", Refused(new Draft { Targets = [2, 0] }), StringComparison.Ordinal);

    [Fact]
    public void A_missing_path() => Assert.Contains("id 1", Refused(new Draft { Paths = ["a", null] }), StringComparison.Ordinal);

    [Fact]
    public void No_rows() =>
        Assert.Contains("0 rows", Refused(new Draft { Ids = [], Paths = [], Targets = [], Statuses = [], Logits = [] }), StringComparison.Ordinal);

    [Fact]
    public void Another_schema()
    {
        Assert.Contains("probabilities Single, expected id Int64", Refused(new Draft { LogitsName = "probabilities" }), StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        using (var file = new ParquetFileWriter(folder["t.parquet"], [new Column<int>("label")]))
        {
            using (var group = file.AppendRowGroup())
            using (var writer = group.NextColumn().LogicalWriter<int>())
            {
                writer.WriteBatch([1, 2]);
            }

            file.Close();
        }

        Assert.Contains("columns label Int32, expected", LogitsTableTests.Refused(folder["t.parquet"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schema_version", "2", "schema version 2, expected 1")]
    [InlineData("rows", "3", "2 rows in its row groups, expected 3")]
    [InlineData("seed", "x", "seed = 'x'")]
    [InlineData("created", "yesterday", "created = 'yesterday'")]
    [InlineData("class_names", "[\"cat\",\"dig\"]", "class names of SHA-256")]
    [InlineData("class_names_sha256", "00", "expected 00")]
    [InlineData("logits_sha256", "00", "logits of SHA-256")]
    [InlineData("model", null, "no metadata key model")]
    [InlineData("dataset", null, "no metadata key dataset")]
    public void Metadata_that_do_not_fit(string key, string? value, string expected) =>
        Assert.Contains(expected, Refused(new Draft { Changes = { [key] = value } }), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("not parquet at all, only text")]
    [InlineData("PAR1 and then text that is not a footer")]
    public void Files_that_are_no_Parquet(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["t.parquet"], text);
        LogitsTableTests.Refused(folder["t.parquet"]);
    }

    [Fact]
    public void A_file_that_is_not_there()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("does not exist", LogitsTableTests.Refused(folder["t.parquet"]), StringComparison.Ordinal);
    }
}

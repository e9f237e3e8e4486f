using System.Globalization;
using DuckDB.NET.Data;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Tables;

public sealed class LogitsTableTests
{
    // More than two row groups, with a missing target and a rejected row in the middle.
    private static LogitsTable Example(int rows = 4100, int classes = 5)
    {
        var table = TableFixtures.Table(rows, classes, 1);
        table = table with { Metadata = TableFixtures.Metadata(classes) };
        table.Targets[3] = null;
        table.Statuses[2500] = "truncated JPEG";
        table.Logits.Span.Slice(2500 * classes, classes).Clear();
        return table;
    }

    private static void AssertSame(LogitsTable expected, LogitsTable actual)
    {
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.Equal(expected.ImagePaths, actual.ImagePaths);
        Assert.Equal(expected.Targets, actual.Targets);
        Assert.Equal(expected.Statuses, actual.Statuses);
        Assert.Equal(expected.Logits.ToArray(), actual.Logits.ToArray());
        Assert.Equal(expected.Metadata.ClassNames, actual.Metadata.ClassNames);
        Assert.Equal(expected.Metadata with { ClassNames = default }, actual.Metadata with { ClassNames = default });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(4100)]
    public void A_table_is_read_as_it_was_written(int rows)
    {
        using var folder = new TemporaryFolder();
        var table = TableFixtures.Table(rows, 7, 1);
        TableFixtures.Write(folder["a/b/t.parquet"], table);
        AssertSame(table, LogitsReader.Read(folder["a/b/t.parquet"]));
        Assert.Equal([folder["a"], folder["a/b"], folder["a/b/t.parquet"]], folder.Entries);
    }

    [Fact]
    public void Metadata_missing_targets_and_rejected_rows_come_back()
    {
        using var folder = new TemporaryFolder();
        var table = Example();
        var path = table.Metadata.PathBelow(folder.Root);
        Assert.Equal(folder[Path.Combine("sketches", "val", "run-a.fold-2.parquet")], path);
        TableFixtures.Write(path, table);
        AssertSame(table, LogitsReader.Read(path));
    }

    [Fact]
    public void One_class_is_a_table_too()
    {
        using var folder = new TemporaryFolder();
        var table = TableFixtures.Table(3, 1, 1);
        TableFixtures.Write(folder["t"], table);
        AssertSame(table, LogitsReader.Read(folder["t"]));
    }

    [Fact]
    public void DuckDB_reads_every_column_and_the_metadata()
    {
        using var folder = new TemporaryFolder();
        var table = Example();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, table);
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select * from read_parquet('{path}')";
        using (var reader = command.ExecuteReader())
        {
            var columns = Enumerable.Range(0, reader.FieldCount).Select(i => $"{reader.GetName(i)} {reader.GetDataTypeName(i)}");
            Assert.Equal("id BigInt, image_path Varchar, target Integer, status Varchar, logits List", string.Join(", ", columns));
            for (var i = 0; i < table.Rows; i++)
            {
                Assert.True(reader.Read());
                Assert.Equal(table.Ids[i], reader.GetInt64(0));
                Assert.Equal(table.ImagePaths[i], reader.GetString(1));
                Assert.Equal(table.Targets[i], reader.IsDBNull(2) ? null : reader.GetInt32(2));
                Assert.Equal(table.Statuses[i], reader.GetString(3));
                Assert.Equal(table.Row(i).ToArray(), reader.GetFieldValue<List<float>>(4));
            }

            Assert.False(reader.Read());
        }

        using var keys = connection.CreateCommand();
        keys.CommandText = $"select decode(key), decode(value) from parquet_kv_metadata('{path}')";
        using var pairs = keys.ExecuteReader();
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (pairs.Read())
        {
            found.Add(pairs.GetString(0), pairs.GetString(1));
        }

        AssertKeys(table, found);
    }

    [Fact]
    public void ParquetSharp_reads_every_column_and_the_metadata()
    {
        using var folder = new TemporaryFolder();
        var table = Example();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, table);
        using var file = new ParquetSharp.ParquetFileReader(path);
        Assert.Equal(table.Rows, file.FileMetaData.NumRows);
        Assert.Equal(3, file.FileMetaData.NumRowGroups);
        AssertKeys(table, file.FileMetaData.KeyValueMetadata);
        var at = 0;
        for (var g = 0; g < file.FileMetaData.NumRowGroups; g++)
        {
            using var group = file.RowGroup(g);
            var n = (int)group.MetaData.NumRows;
            using (var ids = group.Column(0).LogicalReader<long>())
            {
                Assert.Equal(table.Ids[at..(at + n)], ids.ReadAll(n));
            }

            using (var paths = group.Column(1).LogicalReader<string>())
            {
                Assert.Equal(table.ImagePaths[at..(at + n)], paths.ReadAll(n));
            }

            using (var targets = group.Column(2).LogicalReader<int?>())
            {
                Assert.Equal(table.Targets[at..(at + n)], targets.ReadAll(n));
            }

            using (var statuses = group.Column(3).LogicalReader<string>())
            {
                Assert.Equal(table.Statuses[at..(at + n)], statuses.ReadAll(n));
            }

            using (var logits = group.Column(4).LogicalReader<float[]>())
            {
                Assert.Equal(table.Logits[(at * table.Classes)..((at + n) * table.Classes)].ToArray(), logits.ReadAll(n).SelectMany(l => l));
            }

            at += n;
        }
    }

    private static void AssertKeys(LogitsTable table, IReadOnlyDictionary<string, string> found)
    {
        var metadata = table.Metadata;
        Assert.Equal("1", found["schema_version"]);
        Assert.Equal(metadata.Model, found["model"]);
        Assert.Equal(metadata.Run, found["run"]);
        Assert.Equal("2", found["fold"]);
        Assert.Equal(metadata.CheckpointSha256, found["checkpoint_sha256"]);
        Assert.True(metadata.ClassNames.AsSpan().SequenceEqual(System.Text.Json.JsonSerializer.Deserialize<string[]>(found["class_names"])));
        Assert.Equal(64, found["class_names_sha256"].Length);
        Assert.Equal(metadata.Preprocessing, found["preprocessing"]);
        Assert.Equal("none", found["tta"]);
        Assert.Equal("-7", found["seed"]);
        Assert.Equal("sketches", found["dataset"]);
        Assert.Equal("val", found["split"]);
        Assert.Equal("2026-01-02T03:04:05.1234567Z", found["created"]);
        Assert.Equal(table.Rows.ToString(CultureInfo.InvariantCulture), found["rows"]);
        Assert.Equal(64, found["logits_sha256"].Length);
    }

    [Fact]
    public void A_writer_that_is_not_completed_leaves_nothing_and_keeps_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(5, 3, 1));
        var before = File.ReadAllBytes(path);
        using (var writer = new LogitsWriter(path, TableFixtures.Metadata(3)))
        {
            for (var i = 0; i < 3000; i++)
            {
                writer.Append(i, "p", null, [1, 2, 3]);
            }
        }

        Assert.Equal([path], folder.Entries);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void The_writer_refuses_wrong_rows_and_stays_usable()
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        using (var writer = new LogitsWriter(path, TableFixtures.Metadata(3)))
        {
            Assert.Throws<InvalidOperationException>(writer.Complete);
            writer.Append(5, "a", 2, [1, 2, 3]);
            Assert.Throws<ArgumentException>(() => writer.Append(6, "b", 2, [1, 2]));
            Assert.Throws<ArgumentException>(() => writer.Append(5, "b", 2, [1, 2, 3]));
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append(6, "b", 3, [1, 2, 3]));
            Assert.Throws<ArgumentException>(() => writer.Append(new Rejected(6, "b", "ok"), 1));
            var refusal = Assert.Throws<RefusalException>(() => writer.Append(6, "b", 2, [1, float.NaN, 3]));
            Assert.Contains("row 6 (b)", refusal.Message, StringComparison.Ordinal);
            writer.Append(new Rejected(6, "b", "no such file"), 1);
            writer.Complete();
            writer.Dispose();
        }

        var table = LogitsReader.Read(path);
        Assert.Equal([5, 6], table.Ids);
        Assert.Equal(["ok", "no such file"], table.Statuses);
        Assert.Equal([1, 2, 3, 0, 0, 0], table.Logits.ToArray());
    }

    [Fact]
    public void Many_tables_are_read_in_their_order()
    {
        using var folder = new TemporaryFolder();
        var tables = Enumerable.Range(0, 5).Select(i => TableFixtures.Table(50, 4, i, $"run-{i}")).ToArray();
        foreach (var table in tables)
        {
            TableFixtures.Write(folder[table.Source], table);
        }

        var read = LogitsReader.Read([.. tables.Select(t => folder[t.Source])]);
        foreach (var (expected, actual) in tables.Zip(read))
        {
            AssertSame(expected, actual);
        }

        Assert.Throws<RefusalException>(() => LogitsReader.Read([folder["run-0.parquet"], folder["absent"]]));
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(40, 3, 1));
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Refused(path);
        }
    }

    [Fact]
    public void A_flipped_bit_in_the_logits_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder["t.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(40, 3, 1));
        var bytes = File.ReadAllBytes(path);
        // The logits are the last column: their 480 bytes end where the footer begins.
        var footer = bytes.Length - 8 - BitConverter.ToInt32(bytes, bytes.Length - 8);
        for (var at = footer - 400; at < footer; at += 3)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= 0x10;
            File.WriteAllBytes(path, flipped);
            Refused(path);
        }
    }

    internal static string Refused(string path)
    {
        var message = Assert.Throws<RefusalException>(() => LogitsReader.Read(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        return message;
    }
}

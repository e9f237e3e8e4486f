using System.Globalization;
using DuckDB.NET.Data;
using ParquetSharp;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Tables.Import;

/// <summary>Tables that timm, NumPy and spreadsheets write, in their own forms.</summary>
public sealed class ImportedTablesTests
{
    private static readonly string[] Names = ["cat", "dog", "owl"];
    private static readonly LogitsTable Own = TableFixtures.Table(
        12, 3, 4) is var t ? t with { Metadata = t.Metadata with { ClassNames = [.. Names] } } : null!;
    private static readonly ImportedRows Known = ImportedRows.From(Own);

    private static LogitsTable Read(string path, ImportOptions? options = null) =>
        ImportedTables.Read(path, Known, Own.Metadata with { Run = "theirs" }, options);

    private static string Refused(string path, ImportOptions? options = null)
    {
        var message = Assert.Throws<RefusalException>(() => Read(path, options)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static double[] Probabilities(int row)
    {
        var p = new double[3];
        Softmax.Probabilities(Own.Row(row), p);
        return p;
    }

    /// <summary>Writes timm's columns as pandas does: optional strings and lists of optional floats.</summary>
    private static void Timm(string path, string output, IEnumerable<(string Name, float[] Values, long[]? Index)> rows)
    {
        var all = rows.ToList();
        Column[] columns = all[0].Index is null
            ? [new Column<float[]>(output), new Column<string>("filename")]
            : [new Column<long[]>("index"), new Column<float[]>(output), new Column<string>("filename")];
        using var file = new ParquetFileWriter(path, columns);
        using (var group = file.AppendRowGroup())
        {
            if (all[0].Index is not null)
            {
                using var indices = group.NextColumn().LogicalWriter<long[]>();
                indices.WriteBatch([.. all.Select(r => r.Index!)]);
            }

            using (var values = group.NextColumn().LogicalWriter<float[]>())
            {
                values.WriteBatch([.. all.Select(r => r.Values)]);
            }

            using var names = group.NextColumn().LogicalWriter<string>();
            names.WriteBatch([.. all.Select(r => r.Name)]);
        }

        file.Close();
    }

    [Fact]
    public void Timms_Parquet_of_logits_joins_in_whatever_the_order_of_its_rows_and_classes()
    {
        using var folder = new TemporaryFolder();
        int[] order = [2, 0, 1];
        var rows = Enumerable.Range(0, 12).Reverse()
            .Select(i => (Path.GetFileName(Own.ImagePaths[i]), order.Select(c => Own.Row(i)[c]).ToArray(), (long[]?)null))
            .ToList();
        Timm(folder["t.parquet"], "logit", rows);
        var options = new ImportOptions { ClassNames = [.. order.Select(c => Names[c])] };
        var table = Read(folder["t.parquet"], options);
        Assert.Equal(Own.Logits.ToArray(), table.Logits.ToArray());
        Assert.Equal(Own.Targets, table.Targets);
        // After writing, the imported table can be joined with our own tables.
        TableFixtures.Write(folder["own.parquet"], table);
        Assert.Equal(2, LogitsSet.Join([Own, LogitsReader.Read(folder["own.parquet"])]).Members.Length);

        // With --fullname the paths are longer than ours.
        Timm(folder["full.parquet"], "logit", rows.Select(r => ("./data/sketches/val/" + r.Item1, r.Item2, r.Item3)));
        Assert.Equal(Own.Logits.ToArray(), Read(folder["full.parquet"], options).Logits.ToArray());

        Assert.Contains("does not name its 3 classes", Refused(folder["t.parquet"]), StringComparison.Ordinal);
        Assert.Contains("no class 'owl'", Refused(folder["t.parquet"], new ImportOptions { ClassNames = ["cat", "dog", "fox"] }), StringComparison.Ordinal);
        Assert.Contains("2 class names were given", Refused(folder["t.parquet"], new ImportOptions { ClassNames = ["cat", "dog"] }), StringComparison.Ordinal);
        Assert.Contains(
            "names its numbers logits", Refused(folder["t.parquet"], options with { Values = ImportedValues.Probabilities }), StringComparison.Ordinal);
    }

    [Fact]
    public void Timms_sorted_outputs_are_taken_with_their_indices_and_refused_without()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 12).Select(i =>
        {
            var p = Probabilities(i);
            long[] index = [.. Enumerable.Range(0, 3).OrderByDescending(c => p[c]).Select(c => (long)c)];
            return (Name: Own.ImagePaths[i], Values: index.Select(c => (float)p[c]).ToArray(), Index: (long[]?)index);
        }).ToList();
        Timm(folder["t.parquet"], "prob", rows);
        var options = new ImportOptions { ClassNames = Names };
        Assert.Equal(ClassificationMetrics.Evaluate(Own).Predictions, ClassificationMetrics.Evaluate(Read(folder["t.parquet"], options)).Predictions);
        Assert.Equal(ClassificationMetrics.Evaluate(Own).LogLoss, ClassificationMetrics.Evaluate(Read(folder["t.parquet"], options)).LogLoss, 1e-5);
        Timm(folder["u.parquet"], "prob", rows.Select(r => (r.Name, r.Values, (long[]?)null)));
        Assert.Contains("so the class of each number is unknown", Refused(folder["u.parquet"], options), StringComparison.Ordinal);
        Timm(folder["v.parquet"], "prob", rows.Select(r => (r.Name, r.Values, (long[]?)[0, 0, 1])));
        Assert.Contains("twice in a row", Refused(folder["v.parquet"], options), StringComparison.Ordinal);
    }

    [Fact]
    public void Timms_separate_columns_are_read_as_DuckDB_writes_them()
    {
        using var folder = new TemporaryFolder();
        var values = string.Join(", ", Enumerable.Range(0, 12).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"('{Own.ImagePaths[i]}', '{Own.Row(i)[0]:R}'::float, '{Own.Row(i)[1]:R}'::float, '{Own.Row(i)[2]:R}'::double)")));
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"copy (select * from (values {values}) as t(filename, logit_0, logit_1, logit_2)) to '{folder["t.parquet"]}' (format parquet)";
        command.ExecuteNonQuery();
        Assert.Equal(Own.Logits.ToArray(), Read(folder["t.parquet"], new ImportOptions { ClassNames = Names }).Logits.ToArray());
        command.CommandText = $"copy (select * from (values ('a', 1), ('b', 2)) as t(filename, score)) to '{folder["u.parquet"]}' (format parquet)";
        command.ExecuteNonQuery();
        Assert.Contains("has the columns filename, score", Refused(folder["u.parquet"]), StringComparison.Ordinal);
        File.WriteAllBytes(folder["v.parquet"], File.ReadAllBytes(folder["t.parquet"])[..^9]);
        Assert.Contains("is not an intact Parquet file", Refused(folder["v.parquet"]), StringComparison.Ordinal);
    }

    private static string Csv(TemporaryFolder folder, string header, Func<int, string> line, IEnumerable<int>? rows = null)
    {
        File.WriteAllText(folder["t.csv"], header + "\n" + string.Concat((rows ?? Enumerable.Range(0, 12)).Select(i => line(i) + "\n")));
        return folder["t.csv"];
    }

    private static string Line(int row, params int[] order) =>
        $"{row},{string.Join(',', order.Select(c => Probabilities(row)[c].ToString("R", CultureInfo.InvariantCulture)))}";

    [Fact]
    public void A_CSV_of_probabilities_is_matched_by_the_names_in_its_header()
    {
        using var folder = new TemporaryFolder();
        var options = new ImportOptions { Values = ImportedValues.Probabilities };
        var table = Read(Csv(folder, "id,owl,cat,dog", i => Line(i, 2, 0, 1), Enumerable.Range(0, 12).Reverse()), options);
        Assert.Equal(ClassificationMetrics.Evaluate(Own).LogLoss, ClassificationMetrics.Evaluate(table).LogLoss, 1e-6);
        Assert.Equal(ClassificationMetrics.Evaluate(Own).Predictions, ClassificationMetrics.Evaluate(table).Predictions);
        // A probability of 0 is a finite logit, and a target that agrees is accepted.
        var sure = Read(Csv(folder, "image_path,cat,dog,owl,target", i => $"{Own.ImagePaths[i]},1,0,0,{Own.Targets[i]}"), options);
        Assert.All(sure.Logits.ToArray(), x => Assert.True(float.IsFinite(x)));

        Assert.Contains(
            "does not say whether it holds logits or probabilities", Refused(Csv(folder, "id,owl,cat,dog", i => Line(i, 2, 0, 1))), StringComparison.Ordinal);
        Assert.Contains("no class 'owl'", Refused(Csv(folder, "id,fox,cat,dog", i => Line(i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains("has class 'fox'", Refused(Csv(folder, "id,fox,owl,cat,dog", i => "0," + Line(i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains("has class 'cat' twice", Refused(Csv(folder, "id,cat,cat,dog", i => Line(i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains(
            "does not name its 3 classes", Refused(Csv(folder, "id,prob_0,prob_1,prob_2", i => Line(i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains(
            "holds 11 rows", Refused(Csv(folder, "id,owl,cat,dog", i => Line(i, 2, 0, 1), Enumerable.Range(0, 11)), options), StringComparison.Ordinal);
        Assert.Contains("the row '3' 2 times", Refused(Csv(folder, "id,owl,cat,dog", i => Line(i == 4 ? 3 : i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains("the row '99'", Refused(Csv(folder, "id,owl,cat,dog", i => i == 4 ? "99,1,0,0" : Line(i, 2, 0, 1)), options), StringComparison.Ordinal);
        Assert.Contains("sum to 1.8", Refused(Csv(folder, "id,owl,cat,dog", i => $"{i},0.9,0.9,0"), options), StringComparison.Ordinal);
        Assert.Contains("expected a probability from 0 to 1", Refused(Csv(folder, "id,owl,cat,dog", i => $"{i},-3,4,0"), options), StringComparison.Ordinal);
        Assert.Contains("expected a number", Refused(Csv(folder, "id,owl,cat,dog", i => $"{i},x,4,0"), options), StringComparison.Ordinal);
        Assert.Contains("expected a probability", Refused(Csv(folder, "id,owl,cat,dog", i => $"{i},NaN,1,0"), options), StringComparison.Ordinal);
        Assert.Contains(
            "finite number",
            Refused(Csv(folder, "id,owl,cat,dog", i => $"{i},NaN,1,0"), options with { Values = ImportedValues.Logits }),
            StringComparison.Ordinal);
        Assert.Contains(
            "has the target",
            Refused(Csv(folder, "id,owl,cat,dog,target", i => Line(i, 2, 0, 1) + $",{(Own.Targets[i] + 1) % 3}"), options),
            StringComparison.Ordinal);
        Assert.Contains(
            "no other class names",
            Refused(Csv(folder, "id,owl,cat,dog", i => Line(i, 2, 0, 1)), options with { ClassNames = Names }),
            StringComparison.Ordinal);
        Assert.Contains("ends with '.txt'", Refused(Write(folder, "t.txt", [])), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused(folder["none.csv"]), StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder, string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return folder[name];
    }

    /// <summary>A .npy as numpy.save lays it out: the header padded so that the numbers begin at a multiple of 64.</summary>
    private static byte[] Npy(string type, bool byColumns, Func<int, int, byte[]> number, int rows = 12)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {(byColumns ? "True" : "False")}, 'shape': ({rows}, 3), }}";
        header = header.PadRight(((10 + header.Length + 64) / 64 * 64) - 11) + "\n";
        var cells = from a in Enumerable.Range(0, byColumns ? 3 : rows) from b in Enumerable.Range(0, byColumns ? rows : 3) select byColumns ? (b, a) : (a, b);
        byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);
        var head = BitConverter.GetBytes((ushort)header.Length);
        return [0x93, .. Ascii("NUMPY"), 1, 0, .. head, .. Ascii(header), .. cells.SelectMany(c => number(c.Item1, c.Item2))];
    }

    [Fact]
    public void NumPys_files_are_read_with_their_ids()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["ids"], Enumerable.Range(0, 12).Reverse().Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var options = new ImportOptions { ClassNames = Names, IdFile = folder["ids"], Values = ImportedValues.Logits };
        float At(int row, int c) => Own.Row(11 - row)[c];
        var single = Write(folder, "t.npy", Npy("<f4", false, (r, c) => BitConverter.GetBytes(At(r, c))));
        Assert.Equal(Own.Logits.ToArray(), Read(single, options).Logits.ToArray());
        var twice = Write(folder, "u.npy", Npy("<f8", true, (r, c) => BitConverter.GetBytes((double)At(r, c))));
        Assert.Equal(Own.Logits.ToArray(), Read(twice, options).Logits.ToArray());
        var half = Write(folder, "v.npy", Npy("<f2", false, (r, c) => BitConverter.GetBytes((Half)At(r, c))));
        Assert.Equal(Own.Logits.ToArray().Select(x => (float)(Half)x), Read(half, options).Logits.ToArray());

        Assert.Contains("give --ids FILE", Refused(single, options with { IdFile = null }), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused(single, options with { IdFile = folder["none"] }), StringComparison.Ordinal);
        Assert.Contains("give --classes FILE", Refused(single, options with { ClassNames = null }), StringComparison.Ordinal);
        Assert.Contains("does not say whether", Refused(single, options with { Values = ImportedValues.AsNamed }), StringComparison.Ordinal);
        Assert.Contains("truncated", Refused(Write(folder, "w.npy", File.ReadAllBytes(single)[..^1]), options), StringComparison.Ordinal);
        Assert.Contains("within its header", Refused(Write(folder, "w.npy", File.ReadAllBytes(single)[..40]), options), StringComparison.Ordinal);
        Assert.Contains("does not begin as a .npy", Refused(Write(folder, "w.npy", [1, 2, 3]), options), StringComparison.Ordinal);
        Assert.Contains(
            "expected rows × classes", Refused(Write(folder, "w.npy", Npy(">f4", false, (_, _) => new byte[4])), options), StringComparison.Ordinal);
        Assert.Contains(
            "names 12 rows", Refused(Write(folder, "w.npy", Npy("<f4", false, (_, _) => new byte[4], rows: 11)), options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_in_a_column_of_file_names_is_no_row_number_and_two_readings_that_differ_are_refused()
    {
        using var folder = new TemporaryFolder();
        var options = new ImportOptions { Values = ImportedValues.Probabilities };
        // Rows in the order in which most tools list files: 0.png, 1.png, 10.png, 11.png, 2.png, ….
        string[] paths = [.. Enumerable.Range(0, 12).Select(i => $"{i}.png").Order(StringComparer.Ordinal)];
        var rows = Known with { ImagePaths = paths };
        string Line(int row, string key) => key + Probabilities(row).Aggregate("", (t, p) => $"{t},{p.ToString("R", CultureInfo.InvariantCulture)}");
        LogitsTable Import(string column, Func<int, string> key) => ImportedTables.Read(
            Csv(folder, $"{column},cat,dog,owl", i => Line(i, key(i)), Enumerable.Range(0, 12).Reverse()), rows, Own.Metadata, options);
        string Stem(int row) => Path.GetFileNameWithoutExtension(paths[row]);
        var expected = Import("image_path", i => paths[i]).Logits.ToArray();
        foreach (var column in new[] { "filename", "path", "image_path" })
        {
            Assert.Equal(expected, Import(column, Stem).Logits.ToArray());
            Assert.Equal(expected, Import(column, i => $"test/{paths[i]}").Logits.ToArray());
        }

        foreach (var column in new[] { "id", "ID", "row", "index" })
        {
            var message = Assert.Throws<RefusalException>(() => Import(column, i => $"{i}")).Message;
            Assert.Contains("two ways that differ: by row number, 10.png is the row '2', and by file name the row '10'", message, StringComparison.Ordinal);
        }

        // With ids of its own, the test table is matched by these; its paths come first where both are there.
        rows = rows with { SubmissionIds = [.. Enumerable.Range(0, 12).Select(i => $"x{i}")] };
        Assert.Equal(expected, Import("id", i => $"x{i}").Logits.ToArray());
        Assert.Equal("x3", Import("id", i => $"x{i}").Metadata.SubmissionIds[3]);
        Assert.Equal(expected, Import("id,image_path", i => $"{(i * 5) % 12},{paths[i]}").Logits.ToArray());
    }
}

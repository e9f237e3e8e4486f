using ParquetSharp;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>Parquet tables of timm's <c>inference.py</c>.</summary>
public sealed class TimmTableReader() : ImportReader("timm-table", new ParquetParts(), ".parquet")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["tables/timm-*.bin"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        int[] rows = [.. Enumerable.Range(0, Rows)];
        float[][] lists = [.. rows.Select(r => new[] { SmallTable.Logit(r, 0), SmallTable.Logit(r, 1), SmallTable.Logit(r, 2) })];
        yield return Written(folder, "lists.parquet", path => Write(path, [new Column<float[]>("logit"), new Column<string>("filename")], group =>
        {
            Put(group, lists);
            Put(group, rows.Select(SmallTable.Image).ToArray());
        }));
        yield return Written(folder, "columns.parquet", path => Write(
            path, [new Column<string>("filename"), .. Enumerable.Range(0, 3).Select(c => new Column<float>($"logit_{c}"))], group =>
            {
                Put(group, rows.Select(SmallTable.Image).ToArray());
                foreach (var column in Enumerable.Range(0, 3))
                {
                    Put(group, rows.Select(r => SmallTable.Logit(r, column)).ToArray());
                }
            }));
    }

    private static void Write(string path, Column[] columns, Action<RowGroupWriter> write)
    {
        using var file = new ParquetFileWriter(path, columns);
        using (var group = file.AppendRowGroup())
        {
            write(group);
        }

        file.Close();
    }

    private static void Put<T>(RowGroupWriter group, T[] values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(values);
    }
}

using CsvHelper;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Bench;

public class ZooTableTests
{
    [Fact]
    public void A_missing_rate_has_a_reason_and_is_empty_in_the_csv()
    {
        var table = new ZooTable
        {
            HasErrors = true,
            Conditions = "Conditions.",
            Rows =
            [
                new ZooRow("a") { Infer = new(123.4), InferBFloat16 = new(45.67), Train = new(null, "needs 21.0 GB, 17.0 are free"), Error = 5e-7 },
                new ZooRow("b") { Infer = new(0.456), Train = new(7.891), Error = 0.5, Agrees = false },
            ],
        };
        var lines = table.Markdown().Split('\n');
        Assert.EndsWith("| 5.0e-7 | 123 | 45.7 | needs 21.0 GB, 17.0 are free | - |", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("| 5.0e-1 DIFFERS | 0.46 | - | 7.89 | - |", lines[3], StringComparison.Ordinal);
        using var reader = new CsvReader(new StringReader(table.Csv()), System.Globalization.CultureInfo.InvariantCulture);
        reader.Read();
        reader.ReadHeader();
        reader.Read();
        Assert.Equal(("123.4", ""), (reader.GetField("infer"), reader.GetField("train")));
        Assert.Equal("train float32: needs 21.0 GB, 17.0 are free", reader.GetField("left_out"));
    }

    [Fact]
    public void An_earlier_table_is_read_without_incomplete_rows_and_only_under_its_own_conditions()
    {
        using var folder = new TemporaryFolder();
        var whole = new ZooRow("a") { InputSize = 32, Parameters = 5, MultiplyAdds = 7, Batch = 2, Error = 5e-7, Infer = new(1 / 3.0), Train = new(2) };
        var table = new ZooTable { Conditions = "Conditions.", Rows = [whole, whole with { Model = "b", Train = new(null, "needs 9.0 GB, 1.0 are free") }] };
        var (markdown, csv) = (Path.Combine(folder.Root, "t.md"), Path.Combine(folder.Root, "t.csv"));
        Assert.Empty(ZooTable.Read(markdown, csv, "Conditions."));
        File.WriteAllText(markdown, table.Markdown());
        File.WriteAllText(csv, table.Csv());
        Assert.Equal([whole], ZooTable.Read(markdown, csv, "Conditions."));
        Assert.Empty(ZooTable.Read(markdown, csv, "Others."));
    }
}

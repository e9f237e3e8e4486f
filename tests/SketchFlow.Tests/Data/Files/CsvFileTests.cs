using CsvHelper;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Files;

/// <summary>Tables are read as they were written and have the same bytes on every machine.</summary>
public sealed class CsvFileTests
{
    // Characters that break tables: separators, quotes, line ends, blanks at the ends, letters beyond ASCII.
    private static readonly Gen<string> Cells =
        Gen.Elements("a", "bird", ",", "\"", "\n", "\r", "\r\n", " ", "ü", "鸟", "=1+1", "").ListOf().Select(string.Concat);

    [Property(MaxTest = 200)]
    public Property Every_cell_is_read_as_it_was_written() => Prop.ForAll(Cells.Two().ListOf().ToArbitrary(), pairs =>
    {
        using var text = new StringReader(CsvFile.Text(pairs.Select(p => new { first = p.Item1, second = p.Item2 })));
        using var csv = new CsvReader(text, CsvFile.Format);
        var read = csv.GetRecords(new { first = "", second = "" }).Select(r => (r.first, r.second)).ToList();
        Assert.Equal(pairs.Select(p => (p.Item1, p.Item2)), read);
    });

    [Fact]
    public void A_stray_quote_is_kept_and_a_line_of_little_else_is_refused_before_it_is_copied_for_each()
    {
        using (var few = new StringReader("size,name\n5\" disk,a\n3\" disk,b\n"))
        using (var csv = new CsvParser(few, CsvFile.FormatOf("few.csv")))
        {
            Assert.True(csv.Read() && csv.Read());
            Assert.Equal(["5\" disk", "a"], csv.Record!);
        }

        using var many = new StringReader(string.Concat(Enumerable.Repeat("7,\"a,b.png\",1,\"dog ", 100_000)));
        using var table = new CsvParser(many, CsvFile.FormatOf("many.csv"));
        Assert.True(table.Read());
        var refusal = Assert.Throws<RefusalException>(() => table.Record);
        Assert.Contains("many.csv has a line of ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("stray quotes", refusal.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 200)]
    public Property Numbers_keep_every_bit(double value, float small, int whole) => (
        CsvFile.Text([new { value, small, whole }]).Split('\n')[1].Split(',') is [var a, var b, var c]
        && double.Parse(a, System.Globalization.CultureInfo.InvariantCulture).Equals(value)
        && float.Parse(b, System.Globalization.CultureInfo.InvariantCulture).Equals(small)
        && int.Parse(c, System.Globalization.CultureInfo.InvariantCulture) == whole).ToProperty();

    [Fact]
    public void A_file_is_UTF8_without_a_mark_with_newlines_alone_and_empty_cells_for_null()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Root, "new", "t.csv");
        CsvFile.Write(path, csv =>
        {
            csv.WriteRow(["id", "class, name", "loss"]);
            csv.WriteRow([1, "ü", 0.25]);
            csv.WriteRow([2, null, double.NaN]);
        });
        Assert.Equal("id,\"class, name\",loss\n1,ü,0.25\n2,,NaN\n"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Throws<InvalidOperationException>(() => CsvFile.Write(path, csv =>
        {
            csv.WriteRow(["half"]);
            throw new InvalidOperationException();
        }));
        Assert.StartsWith("id,", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(Path.GetDirectoryName(path)!));
    }
}

using CsvHelper;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Files;

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

using System.Globalization;
using System.Text;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>CSV tables of logits.</summary>
public sealed class CsvTableReader() : ImportReader("csv-table", new TextParts(), ".csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => [Table("image_path", "\n"), Table("filename", "\r\n")];

    private static byte[] Table(string key, string end)
    {
        var text = new StringBuilder($"{key},{string.Join(',', SmallTable.Classes)}{end}");
        for (var row = 0; row < Rows; row++)
        {
            var values = Enumerable.Range(0, 3).Select(c => SmallTable.Logit(row, c).ToString(CultureInfo.InvariantCulture));
            text.Append(CultureInfo.InvariantCulture, $"{SmallTable.Image(row)},{string.Join(',', values)}{end}");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

using SketchFlow.Data.Images;
using SketchFlow.Imaging.Inspection;

namespace SketchFlow.Tests.Imaging.Inspection;

/// <summary>The arrangement of contact sheets.</summary>
public sealed class ContactSheetTests
{
    [Fact]
    public void Many_rows_are_arranged_in_bands_side_by_side()
    {
        Assert.Equal(1, ContactSheet.BandCount(rows: 3, cells: 5, side: 64));
        var bands = ContactSheet.BandCount(rows: 45, cells: 4, side: 64);
        Assert.InRange(bands, 2, 5);
        using var drawing = TestImages.Drawing(64, 64);
        IReadOnlyList<(string, Pixels)> Row(int i) => [.. Enumerable.Range(0, 4).Select(_ => ($"row {i}", drawing))];
        var rows = Enumerable.Range(0, 45).Select(Row).ToList();
        using var sheet = ContactSheet.Draw(rows, 64, bands);
        Assert.InRange(sheet.Height, 1, 1.4 * sheet.Width);
    }
}

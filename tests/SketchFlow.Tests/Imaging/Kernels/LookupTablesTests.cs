using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Lookup tables.</summary>
public sealed class LookupTablesTests
{
    [Fact]
    public void Every_level_is_mapped_by_its_table_entry()
    {
        var table = TestImages.RandomImage(256, 1, 1, 3).Bytes;
        var bytes = TestImages.RandomImage(1000, 1, 1, 4).Bytes;
        var mapped = new byte[bytes.Length];
        LookupTables.Apply(bytes, mapped, table);
        Assert.Equal(bytes.Select(b => table[b]), mapped);
    }
}

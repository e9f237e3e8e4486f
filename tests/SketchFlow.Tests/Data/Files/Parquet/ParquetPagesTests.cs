using FsCheck;
using FsCheck.Xunit;
using ParquetSharp;
using SketchFlow.Data.Files.Parquet;

namespace SketchFlow.Tests.Data.Files.Parquet;

public class ParquetPagesTests
{
    private static readonly Compression[] _codecs = [Compression.Snappy, Compression.Gzip, Compression.Zstd, Compression.Brotli, Compression.Lz4];

    public static TheoryData<Compression> Codecs => [Compression.Snappy, Compression.Gzip, Compression.Zstd, Compression.Lz4];

    [Property(MaxTest = 30)]
    public void A_file_with_any_pages_is_read(NonNegativeInt count, PositiveInt pageSize, bool hasDictionary, bool isSecondVersion)
    {
        using var folder = new TemporaryFolder();
        var texts = Enumerable.Range(0, count.Get * 37 % 3000).Select(i => $"text {i * 7919 % 97}").ToArray();
        foreach (var codec in _codecs)
        {
            using var builder = new WriterPropertiesBuilder().Compression(codec).DataPagesize((pageSize.Get * 29 % 2000) + 1).WriteBatchSize(50);
            _ = hasDictionary ? builder.EnableDictionary() : builder.DisableDictionary();
            _ = isSecondVersion ? builder.DataPageVersion(ParquetDataPageVersion.V2) : builder;
            using var properties = builder.Build();
            Write(folder["t.parquet"], properties, texts);
            using var file = ParquetFile.Open(folder["t.parquet"]);
            Assert.Equal(texts, file.ReadTexts(0, file.Columns[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_page_that_announces_two_gigabytes_is_refused_before_it_is_decompressed(Compression codec)
    {
        using var folder = new TemporaryFolder();
        using (var builder = new WriterPropertiesBuilder().Compression(codec).DisableDictionary().DisableStatistics())
        using (var properties = builder.Build())
        {
            // The size is written in five bytes, as that of two gigabytes is.
            Write(folder["t.parquet"], properties, new string(' ', 1 << 27));
        }

        var bytes = File.ReadAllBytes(folder["t.parquet"]);
        // The first page follows the magic bytes. Its header starts with the kind of the page and the size of the decompressed page, both 32-bit (0x15).
        Assert.Equal([0x15, 0x00, 0x15], bytes[4..7]);
        new byte[] { 0xfe, 0xff, 0xff, 0xff, 0x0f }.CopyTo(bytes, 7);
        File.WriteAllBytes(folder["t.parquet"], bytes);
        using var file = ParquetFile.Open(folder["t.parquet"]);
        var error = Assert.Throws<InvalidDataException>(() => file.ReadTexts(0, file.Columns[0]));
        Assert.Contains("decode to more than", error.Message, StringComparison.Ordinal);
    }

    private static void Write(string path, WriterProperties properties, params string[] texts)
    {
        using var file = new ParquetFileWriter(path, [new Column<string>("text")], properties);
        using (var group = file.AppendRowGroup())
        using (var column = group.NextColumn().LogicalWriter<string>())
        {
            column.WriteBatch(texts);
        }

        file.Close();
    }
}

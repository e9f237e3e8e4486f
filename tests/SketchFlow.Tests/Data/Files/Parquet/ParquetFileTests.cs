using SketchFlow.Data.Files.Parquet;

namespace SketchFlow.Tests.Data.Files.Parquet;

public class ParquetFileTests
{
    [Fact]
    public void A_missing_file_is_an_error_of_the_file_system_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<FileNotFoundException>(() => ParquetFile.Open(folder["absent.parquet"]));
        Assert.Contains(folder["absent.parquet"], error.Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => ParquetFile.Open(folder["nowhere/absent.parquet"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("this is a text and not a Parquet file")]
    public void A_file_of_another_kind_is_damaged_and_stays_deletable(string text)
    {
        using var folder = new TemporaryFolder().With("t.parquet", text);
        Assert.NotEmpty(Assert.Throws<InvalidDataException>(() => ParquetFile.Open(folder["t.parquet"])).Message);
        File.Delete(folder["t.parquet"]);
        Assert.Empty(folder.Entries);
    }
}

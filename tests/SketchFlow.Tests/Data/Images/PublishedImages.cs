using DuckDB.NET.Data;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Tests.Imaging;

namespace SketchFlow.Tests.Data.Images;

/// <summary>Images and Parquet shards as others publish them.</summary>
internal static class PublishedImages
{
    /// <summary>Small PNGs, no two alike.</summary>
    public static byte[][] Drawings(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        using var pixels = TestImages.RandomImage(20 + i, 16, 1, i).ToPixels();
        return ImageEncoder.ToPng(pixels);
    })];

    /// <summary>A shard with the rows of a query, written by DuckDB.</summary>
    public static void WriteShard(string select, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{file}' (FORMAT parquet)";
        command.ExecuteNonQuery();
    }
}

using DuckDB.NET.Data;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Tests.Imaging;

namespace SketchFlow.Tests.Data.Images;

/// <summary>Images and Parquet shards as data set hubs publish them.</summary>
internal static class PublishedImages
{
    /// <summary>Creates small PNGs, all different.</summary>
    public static byte[][] Drawings(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        using var pixels = TestImages.RandomImage(20 + i, 16, 1, i).ToPixels();
        return ImageEncoder.ToPng(pixels);
    })];

    /// <summary>Writes a shard with the rows of a query, using DuckDB.</summary>
    /// <param name="select">The query.</param>
    /// <param name="file">The shard.</param>
    /// <param name="option">Further option of DuckDB's COPY.</param>
    public static void WriteShard(string select, string file, string option = "COMPRESSION snappy")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{file}' (FORMAT parquet, {option})";
        command.ExecuteNonQuery();
    }
}

using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Copies the images of a Parquet shard (<c>image: struct&lt;bytes, path&gt;, label</c>) into a pack.</summary>
internal static class ShardUnpacker
{
    /// <summary>Appends the images of all rows to <paramref name="target"/>.</summary>
    /// <returns>The pack with its rows and class names.</returns>
    public static ShardPack Unpack(string shard, FileStream target, ShardPack pack)
    {
        using var file = ParquetFile.Open(shard);
        ParquetColumn? Find(string path) => file.Columns.FirstOrDefault(c => c.Path.Equals(path, StringComparison.Ordinal));
        var image = Find("image.bytes") ?? Find("image")
            ?? throw new RefusalException(
                $"{shard} has the columns {string.Join(", ", file.Columns.Select(c => c.Path))}, expected image: struct<bytes, path> and label.");
        var (path, label) = (Find("image.path"), Find("label"));
        CheckColumn(shard, image, "bytes", ParquetColumnType.Bytes);
        CheckColumn(shard, path, "text", ParquetColumnType.String);
        CheckColumn(
            shard, label, "a whole number or text",
            ParquetColumnType.String, ParquetColumnType.Int32, ParquetColumnType.UInt32, ParquetColumnType.Int64, ParquetColumnType.UInt64);
        var rows = new List<ShardPack.Row>();
        for (var g = 0; g < file.RowGroups; g++)
        {
            if (file.RowsIn(g) == 0)
            {
                continue;
            }

            var images = file.ReadBytes(g, image);
            var paths = path is null ? new string?[images.Length] : file.ReadTexts(g, path);
            var labels = label is null ? new string?[images.Length] : ReadLabels(file, g, label);
            for (var i = 0; i < images.Length; i++)
            {
                var name = string.IsNullOrEmpty(paths[i]) ? null : paths[i];
                rows.Add(new ShardPack.Row(rows.Count, target.Position, images[i]?.Length ?? 0, labels[i], name));
                target.Write(images[i]);
            }
        }

        return pack with { Rows = rows, ClassNames = DeclaredNames(file.Metadata) };
    }

    private static void CheckColumn(string shard, ParquetColumn? column, string expected, params ReadOnlySpan<ParquetColumnType> types)
    {
        if (column is not null && (column.MaxRepetition > 0 || !types.Contains(column.Type)))
        {
            var found = column.MaxRepetition > 0 ? "a list" : $"of type {column.Type}";
            throw new RefusalException($"{shard}: {column.Path} is {found}, expected {expected} in each row.");
        }
    }

    // Hubs write -1 for an unknown label.
    private static string?[] ReadLabels(ParquetFile file, int rowGroup, ParquetColumn label) => label.Type == ParquetColumnType.String
        ? file.ReadTexts(rowGroup, label)
        : [.. file.ReadIntegers(rowGroup, label).Select(v => v is >= 0 and var known ? known.ToString(CultureInfo.InvariantCulture) : null)];

    // {"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}
    private static string[]? DeclaredNames(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("huggingface", out var text))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            var at = document.RootElement;
            foreach (var key in (string[])["info", "features", "label", "names"])
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(key, out at))
                {
                    return null;
                }
            }

            return at.ValueKind == JsonValueKind.Array ? [.. at.EnumerateArray().Select(n => n.ToString())] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

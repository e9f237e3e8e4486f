using System.Globalization;
using System.Text;
using System.Text.Json;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Copies the images of a Parquet shard (<c>image: struct&lt;bytes, path&gt;, label</c>) into a pack.</summary>
internal static class ShardUnpacker
{
    private const int LongestText = 4096;

    private static readonly ParquetColumnType[] _integers =
        [ParquetColumnType.Int32, ParquetColumnType.UInt32, ParquetColumnType.Int64, ParquetColumnType.UInt64];

    /// <summary>Returns true for a shard with a column of images.</summary>
    /// <exception cref="InvalidDataException">The shard is damaged.</exception>
    /// <exception cref="IOException">The shard cannot be opened.</exception>
    public static bool HasImages(string shard)
    {
        using var file = ParquetFile.Open(shard);
        return Find(file, "image.bytes") is not null || Find(file, "image") is not null;
    }

    /// <summary>Appends the images of all rows to <paramref name="target"/>.</summary>
    /// <returns>The pack with its rows and class names.</returns>
    public static ShardPack Unpack(string shard, FileStream target, ShardPack pack)
    {
        using var file = ParquetFile.Open(shard);
        var image = Find(file, "image.bytes") ?? Find(file, "image")
            ?? throw new RefusalException(
                $"{shard} has the columns {string.Join(", ", file.Columns.Select(c => c.Path))}, expected image: struct<bytes, path> and label.");
        var (path, label) = (Find(file, "image.path"), Find(file, "label"));
        CheckColumn(shard, image, "bytes", [ParquetColumnType.Bytes]);
        CheckColumn(shard, path, "text", [ParquetColumnType.String]);
        CheckColumn(shard, label, "a whole number or text", [ParquetColumnType.String, .. _integers]);
        ParquetColumn[] further = [.. file.Columns.Where(c => c != label && IsFurther(c))];
        var columns = further.ToDictionary(c => c.Name, _ => new List<string>(), StringComparer.Ordinal);
        var rows = new List<ShardPack.Row>();
        for (var g = 0; g < file.RowGroups; g++)
        {
            if (file.RowsIn(g) > 0)
            {
                rows.AddRange(UnpackGroup(file, g, (image, path, label), target, rows.Count));
                Array.ForEach(further, c => columns[c.Name].AddRange(ReadValues(file, g, c).Select(v => v.Text ?? "")));
            }
        }

        return pack with
        {
            Rows = rows,
            ClassNames = DeclaredNames(file.Metadata),
            HasTextLabels = label?.Type == ParquetColumnType.String,
            Columns = [.. columns.Select(c => new ShardPack.Column(c.Key, c.Value))],
        };
    }

    private static IEnumerable<ShardPack.Row> UnpackGroup(
        ParquetFile file, int group, (ParquetColumn Image, ParquetColumn? Path, ParquetColumn? Label) columns, FileStream target, int start)
    {
        var sections = new List<(long Offset, int Length)>();
        file.VisitBytes(group, columns.Image, (_, bytes) =>
        {
            sections.Add((target.Position, bytes.Length));
            target.Write(bytes);
        });
        var none = new (string? Text, string? Fault)[sections.Count];
        var paths = columns.Path is null ? none : ReadValues(file, group, columns.Path);
        var labels = columns.Label is null ? none : ReadValues(file, group, columns.Label);
        return sections.Select((section, i) => new ShardPack.Row(
            start + i, section.Offset, section.Length, labels[i].Text, string.IsNullOrEmpty(paths[i].Text) ? null : paths[i].Text,
            labels[i].Fault is { } fault ? $"the label {fault}" : null));
    }

    // Nested values and long texts, such as captions, group no images.
    private static bool IsFurther(ParquetColumn column) =>
        column.MaxRepetition == 0 && column.Path == column.Name && (column.Type == ParquetColumnType.String || _integers.Contains(column.Type));

    private static ParquetColumn? Find(ParquetFile file, string path) => file.Columns.FirstOrDefault(c => c.Path.Equals(path, StringComparison.Ordinal));

    private static void CheckColumn(string shard, ParquetColumn? column, string expected, ParquetColumnType[] types)
    {
        if (column is not null && (column.MaxRepetition > 0 || !types.Contains(column.Type)))
        {
            var found = column.MaxRepetition > 0 ? "a list" : $"of type {column.Type}";
            throw new RefusalException($"{shard}: {column.Path} is {found}, expected {expected} in each row.");
        }
    }

    /// <summary>Reads texts, and integers as decimal digits. Equal neighbours share one string.</summary>
    /// <returns>For each row its text and, where that cannot be used, the reason; null where the row has no value.</returns>
    private static (string? Text, string? Fault)[] ReadValues(ParquetFile file, int group, ParquetColumn column)
    {
        if (column.Type != ParquetColumnType.String)
        {
            return [.. file.ReadExactIntegers(group, column).Select(v => (v?.ToString(CultureInfo.InvariantCulture), (string?)null))];
        }

        var values = new List<(string? Text, string? Fault)>();
        byte[] last = [];
        file.VisitBytes(group, column, (isPresent, bytes) =>
        {
            if (values.Count > 0 && isPresent && values[^1].Text is not null && bytes.SequenceEqual(last))
            {
                values.Add(values[^1]);
                return;
            }

            last = bytes.Length > LongestText ? [] : bytes.ToArray();
            values.Add(!isPresent ? (null, null)
                : bytes.Length > LongestText ? (null, $"has {bytes.Length} bytes, expected at most {LongestText}")
                : !TextEncodings.CanDecode(bytes, TextEncodings.Utf8) ? (null, "is not UTF-8")
                : (Encoding.UTF8.GetString(bytes), null));
        });
        return [.. values];
    }

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
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JSON with half a surrogate pair parses, and its strings cannot be read.
            return null;
        }
    }
}

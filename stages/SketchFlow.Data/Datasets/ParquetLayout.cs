using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

public static partial class DataSetReader
{
    /// <summary>Beside the shards: their images as stored, back to back, and where each lies.</summary>
    private const string PackFolder = ".sketchflow";

    /// <summary>Shards as dataset hubs store them: in the folder itself or in <c>data/</c>.</summary>
    private static IEnumerable<string> ParquetShards(string root) =>
        ((string[])[root, Path.Combine(root, "data")])
            .Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.parquet"))
            .Order(StringComparer.Ordinal);

    // Shuffled reading of single rows would decompress a whole column chunk for each image: the images are unpacked once, and read from there.
    private static DataSet OpenParquet(string root)
    {
        var packs = ParquetShards(root).Select(shard => (Split: SplitOf(shard), Shard: shard, Pack: PackOf(root, shard))).ToList();
        var names = ClassNames(packs.ConvertAll(p => (p.Shard, p.Pack)));
        ImmutableArray<Sample> Rows(string split) =>
            [.. packs.Where(p => p.Split == split).SelectMany(p => p.Pack.Rows.Select(row => (p.Shard, p.Pack, Row: row)))
                .Select((r, id) => SampleOf(id, r.Shard, r.Pack.File, r.Row, names))];

        var data = new DataSet
        {
            Name = NameOf(root),
            Root = root,
            Layout = DataSetLayout.Parquet,
            Classes = names,
            Train = Rows(Train),
            Validation = Rows(Validation),
            Test = Rows(Test),
        };
        return data.Train.IsEmpty ? throw new RefusalException($"{root} has Parquet shards and no training row in them; name them train-….parquet.") : data;
    }

    // Hubs call shards train-00000-of-00005.parquet; other names are all for training.
    private static string SplitOf(string shard) => Path.GetFileName(shard).Split('-', '.', '_')[0].ToLowerInvariant() switch
    {
        "test" => Test,
        "val" or "valid" or "validation" or "dev" => Validation,
        _ => Train,
    };

    private static Sample SampleOf(int id, string shard, string file, PackedRow row, ImmutableArray<string> names)
    {
        int? target = row.Label is null ? null
            : long.TryParse(row.Label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < names.Length ? (int)number
            : names.IndexOf(row.Label) is >= 0 and var at ? at : null;
        return new Sample(id, row.Path ?? $"{Path.GetFileName(shard)}#{row.Number}", file, target)
        {
            Section = new FileSection(row.Offset, row.Length),
            Fault = row.Length == 0 ? "no image in this row" : null,
        };
    }

    // Names by the hub's own metadata; else by the labels, where they are words; else numbers.
    private static ImmutableArray<string> ClassNames(List<(string Shard, Pack Pack)> packs)
    {
        var declared = packs.Select(p => p.Pack.ClassNames).FirstOrDefault(n => n is { Length: > 0 });
        if (declared is not null)
        {
            return [.. declared];
        }

        var labels = packs.SelectMany(p => p.Pack.Rows).Select(r => r.Label).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (labels.Count == 0)
        {
            throw new RefusalException($"{Path.GetFileName(packs[0].Shard)} has no labels; a column \"label\" is expected beside \"image\".");
        }

        var numbers = labels.Select(l => long.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToList();
        return numbers.Min() < 0
            ? [.. labels.Order(StringComparer.Ordinal)]
            : numbers.Max() >= MostClasses ? throw new RefusalException($"A label is {numbers.Max()}, more than {MostClasses} classes; mend the column \"label\".")
            : [.. Enumerable.Range(0, (int)numbers.Max() + 1).Select(n => $"class {n}")];
    }

    private static Pack PackOf(string root, string shard)
    {
        var name = Path.GetRelativePath(root, shard).Replace(Path.DirectorySeparatorChar, '_');
        var (images, index) = (Path.Combine(root, PackFolder, $"{name}.images"), Path.Combine(root, PackFolder, $"{name}.json"));
        var source = new FileInfo(shard);
        if (File.Exists(index) && JsonSerializer.Deserialize<Pack>(File.ReadAllBytes(index)) is { } known
            && known.ShardLength == source.Length && known.ShardTicks == source.LastWriteTimeUtc.Ticks
            && new FileInfo(images) is { Exists: true } there && there.Length == known.Rows.Sum(r => (long)r.Length))
        {
            return known with { File = images };
        }

        try
        {
            var pack = new Pack("", source.Length, source.LastWriteTimeUtc.Ticks, null, []);
            // The index comes after the images, so that it never speaks of images that are not there.
            WholeFile.Write(images, target => pack = Unpack(shard, target, pack));
            WholeFile.Write(index, target => JsonSerializer.Serialize(target, pack));
            return pack with { File = images };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RefusalException($"{Path.Combine(root, PackFolder)} cannot be written, where the images of {Path.GetFileName(shard)} are unpacked; copy the shards to a folder of your own.", e);
        }
        catch (Exception e) when (e is not (RefusalException or OutOfMemoryException))
        {
            throw new RefusalException($"{shard} is a damaged Parquet file, or its images cannot be unpacked beside it ({e.Message.Split('\n')[0].TrimEnd('.')}); fetch it again, or make room.", e);
        }
    }

    private static Pack Unpack(string shard, FileStream target, Pack pack)
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
        var rows = new List<PackedRow>();
        for (var g = 0; g < file.RowGroups; g++)
        {
            if (file.RowsIn(g) == 0)
            {
                continue;
            }

            var images = file.ReadBytes(g, image);
            var paths = path is null ? new string?[images.Length] : file.ReadTexts(g, path);
            var labels = label is null ? new string?[images.Length] : Labels(file, g, label);
            for (var i = 0; i < images.Length; i++)
            {
                rows.Add(new PackedRow(rows.Count, target.Position, images[i]?.Length ?? 0, labels[i], string.IsNullOrEmpty(paths[i]) ? null : paths[i]));
                target.Write(images[i]);
            }
        }

        return pack with { Rows = rows, ClassNames = HubNames(file.Metadata) };
    }

    private static void CheckColumn(string shard, ParquetColumn? column, string expected, params ReadOnlySpan<ParquetColumnType> types)
    {
        if (column is not null && (column.MaxRepetition > 0 || !types.Contains(column.Type)))
        {
            throw new RefusalException($"{shard}: {column.Path} is {(column.MaxRepetition > 0 ? "a list" : $"of type {column.Type}")}, expected {expected} in each row.");
        }
    }

    // Hubs write -1 where a label is not known.
    private static string?[] Labels(ParquetFile file, int rowGroup, ParquetColumn label) => label.Type == ParquetColumnType.String
        ? file.ReadTexts(rowGroup, label)
        : [.. file.ReadIntegers(rowGroup, label).Select(v => v is >= 0 and var known ? known.ToString(CultureInfo.InvariantCulture) : null)];

    // {"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}
    private static string[]? HubNames(IReadOnlyDictionary<string, string> metadata)
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

    /// <summary>One row of a shard and where its image lies in the pack.</summary>
    private sealed record PackedRow(int Number, long Offset, int Length, string? Label, string? Path);

    /// <summary>The unpacked images of one shard, and the shard that they are of.</summary>
    private sealed record Pack(
        [property: System.Text.Json.Serialization.JsonIgnore] string File, long ShardLength, long ShardTicks, string[]? ClassNames, IReadOnlyList<PackedRow> Rows);
}

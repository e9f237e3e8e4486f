using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Data;
using Parquet.Schema;
using SketchFlow.Data.Files;
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
            WholeFile.Write(images, target => pack = Unpack(shard, target, pack).GetAwaiter().GetResult());
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

    private static async Task<Pack> Unpack(string shard, FileStream target, Pack pack)
    {
        using var stream = new FileStream(shard, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        await using var reader = await ParquetReader.CreateAsync(stream);
        var fields = reader.Schema.DataFields;
        DataField? Find(string path) => fields.FirstOrDefault(f => f.Path.ToString().Replace('/', '.').Equals(path, StringComparison.Ordinal));
        var bytes = Find("image.bytes") ?? Find("image")
            ?? throw new RefusalException($"{shard} has the columns {string.Join(", ", fields.Select(f => f.Path.ToString()))}, where image: struct<bytes, path> and label are expected.");
        var (path, label) = (Find("image.path"), Find("label"));
        var rows = new List<PackedRow>();
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var count = (int)group.RowCount;
            if (count == 0)
            {
                continue;
            }

            var images = await Present<ReadOnlyMemory<byte>>(group, bytes, count);
            var paths = path is null ? new ReadOnlyMemory<char>?[count] : await Present<ReadOnlyMemory<char>>(group, path, count);
            var labels = label is null ? new string?[count] : await Labels(shard, group, label, count);
            for (var i = 0; i < count; i++)
            {
                var (image, name) = (images[i] ?? default, paths[i]?.ToString());
                rows.Add(new PackedRow(rows.Count, target.Position, image.Length, labels[i], string.IsNullOrEmpty(name) ? null : name));
                target.Write(image.Span);
            }
        }

        return pack with { Rows = rows, ClassNames = HubNames(reader.CustomMetadata) };
    }

    // Within a struct, Parquet.Net 6.1's ReadAsync moves what is there to the front and so gives rows each other's images: the levels say
    // which rows have a value.
    private static async Task<T?[]> Present<T>(ParquetRowGroupReader group, DataField field, int count)
        where T : struct
    {
        using var column = await group.ReadRawColumnDataBaseAsync(field);
        if (field.MaxRepetitionLevel > 0 || column is not RawColumnData<T> raw)
        {
            throw new RefusalException($"{field.Path} is {(field.MaxRepetitionLevel > 0 ? "a list" : field.ClrType.Name)}, where one {typeof(T).GenericTypeArguments[0].Name} string a row is expected.");
        }

        var (rows, next) = (new T?[count], 0);
        for (var i = 0; i < count; i++)
        {
            rows[i] = field.MaxDefinitionLevel == 0 || raw.DefinitionLevels[i] == field.MaxDefinitionLevel ? raw.Values[next++] : null;
        }

        // The memory goes back to its pool with the column: what is kept is copied.
        return typeof(T) == typeof(ReadOnlyMemory<byte>) ? [.. rows.Select(r => r is ReadOnlyMemory<byte> b ? (T?)(object)new ReadOnlyMemory<byte>(b.ToArray()) : null)]
            : [.. rows.Select(r => r is ReadOnlyMemory<char> c ? (T?)(object)new ReadOnlyMemory<char>(c.ToArray()) : null)];
    }

    private static async Task<string?[]> Labels(string shard, ParquetRowGroupReader group, DataField label, int count)
    {
        if (label.ClrType == typeof(ReadOnlyMemory<char>))
        {
            return [.. (await Present<ReadOnlyMemory<char>>(group, label, count)).Select(w => w?.ToString())];
        }

        return label.ClrType switch
        {
            var t when t == typeof(long) => await Numbers<long>(),
            var t when t == typeof(int) => await Numbers<int>(),
            var t when t == typeof(short) => await Numbers<short>(),
            var t when t == typeof(byte) => await Numbers<byte>(),
            _ => throw new RefusalException($"{shard}: label is of type {label.ClrType.Name}, where a whole number or a word is expected."),
        };

        // Hubs write -1 where a label is not told.
        async Task<string?[]> Numbers<T>()
            where T : struct, IConvertible
        {
            if (!label.IsNullable)
            {
                var all = new T[count];
                await group.ReadAsync<T>(label, all.AsMemory());
                return [.. all.Select(v => Text(v.ToInt64(CultureInfo.InvariantCulture)))];
            }

            var values = new T?[count];
            await group.ReadAsync<T>(label, values.AsMemory());
            return [.. values.Select(v => v is { } known ? Text(known.ToInt64(CultureInfo.InvariantCulture)) : null)];
        }

        static string? Text(long value) => value < 0 ? null : value.ToString(CultureInfo.InvariantCulture);
    }

    // {"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}
    private static string[]? HubNames(Dictionary<string, string> metadata)
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

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Parquet"/>: shards as data set hubs publish them.</summary>
/// <remarks>
/// Shuffled reading of single rows would decompress a whole column chunk for each image. So the images are unpacked once, into a folder next to
/// the shards, and read from there.
/// </remarks>
internal static class ParquetLayout
{
    private const string PackFolder = ".sketchflow";

    /// <summary>Lists the shards, in the folder itself or in <c>data/</c>.</summary>
    public static IEnumerable<string> Shards(string root) =>
        ((string[])[root, Path.Combine(root, "data")])
            .Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.parquet"))
            .Order(StringComparer.Ordinal);

    /// <summary>Reads the rows of all shards, unpacking the images where that was not done before.</summary>
    public static DataSet Read(string root)
    {
        var packs = Shards(root).Select(shard => (Split: SplitOf(shard), Shard: shard, Pack: OpenPack(root, shard))).ToList();
        var names = ClassNames(packs.ConvertAll(p => (p.Shard, p.Pack)));
        ImmutableArray<Sample> Samples(string split) =>
        [
            .. packs.Where(p => p.Split == split).SelectMany(p => p.Pack.Rows.Select(row => (p.Shard, p.Pack, Row: row)))
                .Select((r, id) => CreateSample(id, r.Shard, r.Pack.File, r.Row, names)),
        ];

        var data = new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Parquet,
            Classes = names,
            Train = Samples(DataSetReader.Train),
            Validation = Samples(DataSetReader.Validation),
            Test = Samples(DataSetReader.Test),
        };
        return data.Train.IsEmpty
            ? throw new RefusalException($"{root} has Parquet shards but no training row; name the shards to train on train-….parquet.")
            : data;
    }

    // Hubs name shards train-00000-of-00005.parquet. Shards of any other name are used for training.
    private static string SplitOf(string shard) => Path.GetFileName(shard).Split('-', '.', '_')[0].ToLowerInvariant() switch
    {
        "test" => DataSetReader.Test,
        "val" or "valid" or "validation" or "dev" => DataSetReader.Validation,
        _ => DataSetReader.Train,
    };

    private static Sample CreateSample(int id, string shard, string file, ShardPack.Row row, ImmutableArray<string> names)
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

    /// <summary>Names the classes by the hub's metadata, else by the labels where they are words, else by numbers.</summary>
    private static ImmutableArray<string> ClassNames(List<(string Shard, ShardPack Pack)> packs)
    {
        var declared = packs.Select(p => p.Pack.ClassNames).FirstOrDefault(n => n is { Length: > 0 });
        if (declared is not null)
        {
            return [.. declared];
        }

        var labels = packs.SelectMany(p => p.Pack.Rows).Select(r => r.Label).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (labels.Count == 0)
        {
            throw new RefusalException($"{Path.GetFileName(packs[0].Shard)} has no labels; expected a column \"label\" next to \"image\".");
        }

        var numbers = labels.Select(l => long.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToList();
        if (numbers.Min() < 0)
        {
            return [.. labels.Order(StringComparer.Ordinal)];
        }

        return numbers.Max() >= DataSetReader.MaxClasses
            ? throw new RefusalException($"A label is {numbers.Max()}, expected a number below {DataSetReader.MaxClasses}; correct the column \"label\".")
            : [.. Enumerable.Range(0, (int)numbers.Max() + 1).Select(n => $"class {n}")];
    }

    private static ShardPack OpenPack(string root, string shard)
    {
        var name = Path.GetRelativePath(root, shard).Replace(Path.DirectorySeparatorChar, '_');
        var (images, index) = (Path.Combine(root, PackFolder, $"{name}.images"), Path.Combine(root, PackFolder, $"{name}.json"));
        var source = new FileInfo(shard);
        if (File.Exists(index) && JsonSerializer.Deserialize<ShardPack>(File.ReadAllBytes(index)) is { } known
            && known.ShardLength == source.Length && known.ShardTicks == source.LastWriteTimeUtc.Ticks
            && new FileInfo(images) is { Exists: true } there && there.Length == known.Rows.Sum(r => (long)r.Length))
        {
            return known with { File = images };
        }

        try
        {
            var pack = new ShardPack("", source.Length, source.LastWriteTimeUtc.Ticks, null, []);
            // The index is written after the images, so that it never names missing images.
            WholeFile.Write(images, target => pack = ShardUnpacker.Unpack(shard, target, pack));
            WholeFile.Write(index, target => JsonSerializer.Serialize(target, pack));
            return pack with { File = images };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RefusalException(
                $"The images of {Path.GetFileName(shard)} are unpacked into {Path.Combine(root, PackFolder)}, which cannot be written; "
                + "copy the shards to a folder of your own.", e);
        }
        catch (Exception e) when (e is not (RefusalException or OutOfMemoryException))
        {
            throw new RefusalException(
                $"{shard} is a damaged Parquet file, or its images cannot be unpacked next to it ({e.Message.Split('\n')[0].TrimEnd('.')}); "
                + "download it again, or free disk space.", e);
        }
    }
}

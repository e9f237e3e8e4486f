using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Parquet"/>: shards as data set hubs publish them.</summary>
/// <remarks>
/// Shuffled reading of single rows would decompress a whole column chunk for each image. So the images are unpacked once, into a folder next to
/// the shards, and read from there.
/// </remarks>
internal static class ParquetLayout
{
    private static readonly (string One, string Many) _shardWithoutImages = ("shard without images", "shards without images");
    private static readonly (string One, string Many) _unknownLabel = ("test label that is no class", "test labels that are no classes");

    /// <summary>Returns true for a folder with shards, in itself, in <c>data/</c> or, if <paramref name="deep"/>, at any depth.</summary>
    public static bool HasShards(string root, bool deep) => deep
        ? new FolderScan(root, new NotUsed()).Files(root).Exists(IsShard)
        : ((string[])[root, Path.Combine(root, "data")]).Where(Directory.Exists)
            .Any(f => Directory.EnumerateFiles(f, "*.parquet").Any(file => !DataSetReader.IsHidden(Path.GetFileName(file))));

    /// <summary>Reads the rows of all shards, unpacking the images where that was not done before.</summary>
    public static DataSet Read(string root, DataSetOptions options)
    {
        var notUsed = new NotUsed();
        var scan = new FolderScan(root, notUsed);
        var (cache, packs) = (new ShardCache(root, options.CacheFolder), new List<(string Split, string Shard, ShardPack Pack)>());
        var files = scan.Files(root);
        foreach (var file in files)
        {
            var (path, others) = (scan.Relative(file), files.Where(f => f != file && IsShard(f)));
            var split = SplitFolders.InPath(path);
            if (!IsShard(file))
            {
                scan.LeaveOut(FolderScan.OtherEntry, file);
            }
            else if ((split is null || IsDeep(path)) && others.Any(f => SplitFolders.InPath(scan.Relative(f)) is not null) && !HasImages(file))
            {
                scan.LeaveOut(_shardWithoutImages, file);
            }
            else
            {
                // Shards of any other name are used for training.
                packs.Add((split ?? DataSetReader.Train, file, cache.Open(file)));
            }
        }

        var training = packs.Where(p => p.Split == DataSetReader.Train).Select(p => p.Pack).ToList();
        if (training.TrueForAll(p => p.Rows.Count == 0))
        {
            throw new RefusalException($"{root} has Parquet shards but no training row; name the shards to train on train-….parquet.");
        }

        var classes = ShardClasses.Find(root, training, packs.ConvertAll(p => p.Pack));
        ImmutableArray<Sample> Samples(string split) =>
        [
            .. packs.Where(p => p.Split == split).SelectMany(p => p.Pack.Rows.Select(row => (p.Shard, p.Pack, Row: row)))
                .Select((r, id) => CreateSample(id, r.Shard, r.Pack, r.Row, classes)),
        ];

        var test = Samples(DataSetReader.Test);
        foreach (var sample in test.Where(s => s.Fault?.StartsWith("the label", StringComparison.Ordinal) == true))
        {
            notUsed.Add(_unknownLabel, $"{sample}: {sample.Fault}");
        }

        return new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Parquet,
            Classes = classes.Names,
            Train = Samples(DataSetReader.Train),
            TrainColumns = FurtherColumns(training),
            Validation = Samples(DataSetReader.Validation),
            // A test row can be predicted without a label.
            Test = [.. test.Select(s => s.Section is { Length: > 0 } ? s with { Fault = null } : s)],
            NotUsed = notUsed.ToString(),
        };
    }

    // Other folders may hold tables of any kind.
    private static bool IsDeep(string path) => path.Contains('/', StringComparison.Ordinal) && !path.StartsWith("data/", StringComparison.Ordinal);

    private static bool IsShard(string file) => file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    private static bool HasImages(string shard)
    {
        try
        {
            return ShardUnpacker.HasImages(shard);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // A damaged shard is named where it is opened.
            return true;
        }
    }

    private static Sample CreateSample(int id, string shard, ShardPack pack, ShardPack.Row row, ShardClasses classes)
    {
        var target = classes.TargetOf(pack, row.Label, out var fault);
        fault = row.Length == 0 ? "no image in this row" : row.Fault ?? fault;
        return new Sample(id, row.Path ?? $"{Path.GetFileName(shard)}#{row.Number}", pack.File, target)
        {
            Section = new FileSection(row.Offset, row.Length),
            Fault = fault,
        };
    }

    // A shard that lacks a column has no values in it.
    private static ImmutableArray<DataColumn> FurtherColumns(List<ShardPack> training) =>
    [
        .. training.SelectMany(p => p.Columns).Select(c => c.Name).Distinct(StringComparer.Ordinal).Select(name => new DataColumn(
            name,
            [.. training.SelectMany(p => p.Columns.FirstOrDefault(c => c.Name == name)?.Values ?? Enumerable.Repeat("", p.Rows.Count))])),
    ];
}

using System.Collections.Immutable;
using CsvHelper;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The training and validation rows of a run, stored as <c>rows.csv</c> in its folder.</summary>
/// <remarks>
/// A run validates on its own rows for its whole life. They are stored by path, because row numbers and the result of a split change when images are
/// added to the data set or another seed is given.
/// </remarks>
/// <param name="Train">The training rows.</param>
/// <param name="Validation">The validation rows.</param>
public sealed record RunSplit(ImmutableArray<SplitRow> Train, ImmutableArray<SplitRow> Validation)
{
    private const string TrainName = "train";
    private const string ValidationName = "val";

    /// <summary>Fingerprint of the rows: SHA-256 of their sorted paths and parts, in lower-case hexadecimal. Classes and row numbers do not matter.</summary>
    public string Fingerprint => DataSetFingerprint.Hash(
        Lines(TrainName, Train).Concat(Lines(ValidationName, Validation)).Order(StringComparer.Ordinal));

    /// <summary>Creates the split of a run.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="train">Rows to train on.</param>
    /// <param name="validation">Rows to validate on.</param>
    public static RunSplit From(DataSet data, IEnumerable<Sample> train, IEnumerable<Sample> validation)
    {
        ArgumentNullException.ThrowIfNull(data);
        var own = data.Validation.Select(s => (s.File, s.Section)).ToHashSet();
        return new RunSplit([.. train.Select(Row)], [.. validation.Select(Row)]);

        SplitRow Row(Sample sample) => new(
            own.Contains((sample.File, sample.Section)) ? ValidationName : TrainName, sample.Id, sample.ImagePath,
            sample.Target is { } target ? data.Classes[target] : "");
    }

    /// <summary>Reads the rows of a run; null if the run is of an older version, which did not store them.</summary>
    /// <exception cref="RefusalException">The file is not a table of rows.</exception>
    public static RunSplit? Read(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!File.Exists(run.Rows))
        {
            return null;
        }

        var (train, validation) = (ImmutableArray.CreateBuilder<SplitRow>(), ImmutableArray.CreateBuilder<SplitRow>());
        using var reader = new StreamReader(run.Rows);
        using var csv = new CsvReader(reader, CsvFile.Format);
        try
        {
            csv.Read();
            csv.ReadHeader();
            while (csv.Read())
            {
                var row = new SplitRow(csv.GetField("table")!, csv.GetField<long>("id"), csv.GetField("image_path")!, csv.GetField("class_name")!);
                (csv.GetField("split") switch
                {
                    TrainName => train,
                    ValidationName => validation,
                    var other => throw new RefusalException($"{run.Rows} has the split '{other}', expected train or val; train the run again."),
                }).Add(row);
            }
        }
        catch (CsvHelperException e)
        {
            throw new RefusalException(
                $"{run.Rows} cannot be read, expected the columns split, table, id, image_path and class_name; train the run again.", e);
        }

        return new RunSplit(train.ToImmutable(), validation.ToImmutable());
    }

    /// <summary>Writes the rows, atomically.</summary>
    public void Write(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        CsvFile.Write(run.Rows, Rows(TrainName, Train).Concat(Rows(ValidationName, Validation)));

        static IEnumerable<object> Rows(string split, IEnumerable<SplitRow> rows) =>
            rows.Select(r => new { split, table = r.Table, id = r.Id, image_path = r.ImagePath, class_name = r.ClassName });
    }

    /// <summary>Finds the rows in a data set by their paths.</summary>
    public LocatedSplit Locate(DataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var tables = new Dictionary<string, Table>(StringComparer.Ordinal)
        {
            [TrainName] = new Table(data.Train),
            [ValidationName] = new Table(data.Validation),
        };
        var (train, missingTrain) = Find(Train);
        var (validation, missingValidation) = Find(Validation);
        var relabelled = Validation.Count(r => r.ClassName.Length > 0 && FindRow(r)?.Target is { } target && data.Classes[target] != r.ClassName);
        var known = Train.Concat(Validation).Select(r => (r.Table, r.ImagePath)).ToHashSet();
        var added = tables.Sum(t => t.Value.Paths.Count(path => !known.Contains((t.Key, path))));
        return new LocatedSplit(train, validation, missingTrain, missingValidation, relabelled, added);

        Sample? FindRow(SplitRow row) => tables.GetValueOrDefault(row.Table)?.Find(row);

        (ImmutableArray<Sample> Found, ImmutableArray<SplitRow> Missing) Find(ImmutableArray<SplitRow> rows) =>
        (
            [
                .. rows.Select(r => (r.Table, Sample: FindRow(r))).Where(f => f.Sample is not null).DistinctBy(f => (f.Table, f.Sample!.Id))
                    .OrderBy(f => f.Table, StringComparer.Ordinal).ThenBy(f => f.Sample!.Id).Select(f => f.Sample!),
            ],
            [.. rows.Where(r => FindRow(r) is null)]);
    }

    private static IEnumerable<string> Lines(string split, IEnumerable<SplitRow> rows) => rows.Select(r => $"{split}\t{r.Table}\t{r.ImagePath}\n");

    // The rows of one part of a data set, by number and by path.
    private sealed class Table(ImmutableArray<Sample> samples)
    {
        private readonly Dictionary<string, Sample> _byPath =
            samples.DistinctBy(s => s.ImagePath, StringComparer.Ordinal).ToDictionary(s => s.ImagePath, StringComparer.Ordinal);

        public IEnumerable<string> Paths => _byPath.Keys;

        // An image can be listed twice: the number decides where the data set has not changed.
        public Sample? Find(SplitRow row) => row.Id >= 0 && row.Id < samples.Length && samples[(int)row.Id].ImagePath == row.ImagePath
            ? samples[(int)row.Id]
            : _byPath.GetValueOrDefault(row.ImagePath);
    }
}

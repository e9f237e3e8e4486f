using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Prediction;

/// <summary>A run owns its class names and its validation rows, regardless of the data set and the options that it is used with.</summary>
public class HeldOutRowsTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private RunFolder Run => training.Artifacts.Run("own") is var run && File.Exists(run.Best)
        ? run
        : training.TrainUninterrupted("own", SmallTraining.Recipe("epochs=2"));

    [Fact(Timeout = 300_000)]
    public async Task Classes_in_another_order_give_the_same_predictions_by_name()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var (expected, _) = Predict(training.Data);
        var other = Copy(folder, csv => Renumber(csv, training.Data.Classes.Length));
        var (found, notes) = Predict(other);
        Assert.Contains(notes, n => n.Contains("another order", StringComparison.Ordinal));
        Assert.Equal(expected.Select(s => s.Accuracy), found.Select(s => s.Accuracy));
        foreach (var (a, b) in expected.Zip(found))
        {
            Assert.Equal(a.Table.ImagePaths, b.Table.ImagePaths);
            Assert.Equal(Predictions(a.Table), Predictions(b.Table));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Renamed_and_added_classes_are_refused_by_name()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var name = training.Data.Classes[1];
        var other = Copy(folder, csv => csv.Replace($"{name},", "zebra,", StringComparison.Ordinal));
        var refused = Assert.Throws<RefusalException>(() => Predict(other));
        Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'zebra'", refused.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = 300_000)]
    [InlineData("seed=77")]
    [InlineData("data.split_seed=77")]
    [InlineData("data.validation=0.5")]
    public async Task Another_seed_or_share_does_not_change_the_validation_rows(string change)
    {
        await Task.Yield();
        using var job = new PredictJob(Run, Run.Read(change), training.Data, training.Artifacts, SmallTraining.Context());
        var expected = Predict(training.Data).Splits[0].Table;
        Assert.Equal(expected.ImagePaths, job.PredictHeldOut(CancellationToken.None).Table.ImagePaths);
    }

    [Fact(Timeout = 300_000)]
    public async Task Added_images_are_not_validated_on_and_removed_ones_are_named()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var expected = Predict(training.Data).Splits[0].Table;
        var gone = expected.ImagePaths[0];
        var added = training.Data.Train[0].ImagePath;
        var other = Copy(folder, csv =>
        {
            // The added row is the first one, so that every row number changes.
            var lines = csv.TrimEnd().Split('\n').ToList();
            lines.Insert(1, lines.First(l => l.Contains(added, StringComparison.Ordinal)).Replace(added, "added.png", StringComparison.Ordinal));
            return string.Join('\n', lines.Where(l => !l.Contains(gone, StringComparison.Ordinal))) + "\n";
        });
        File.Copy(training.Data.Train[0].File, Path.Combine(other.Root, "train", "added.png"));
        var (splits, notes) = Predict(other);
        Assert.Equal(expected.ImagePaths.Where(p => p != gone), splits[0].Table.ImagePaths);
        Assert.Contains(notes, n => n.Contains(gone, StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Contains("1 labelled image was added", StringComparison.Ordinal));
    }

    [Fact(Timeout = 300_000)]
    public async Task Of_an_older_run_the_rows_are_checked_by_its_resume_files()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var expected = Predict(training.Data).Splits[0].Table;
        var old = training.TrainUninterrupted("old", SmallTraining.Recipe("epochs=2"));
        File.Delete(old.Rows);
        var rows = HeldOutRows.Find(old, training.Data);
        Assert.Equal(expected.ImagePaths, rows.Samples.Select(s => s.ImagePath));
        Assert.Empty(rows.Notes);
        Assert.Equal(expected.ImagePaths, HeldOutRows.Find(old, Copy(folder, csv => Renumber(csv, 3))).Samples.Select(s => s.ImagePath));

        using var changedFolder = new TemporaryFolder();
        var changed = HeldOutRows.Find(old, Copy(changedFolder, csv => csv.TrimEnd() + "\n" + csv.TrimEnd().Split('\n')[^1] + "\n"));
        Assert.Empty(changed.Samples);
        Assert.Contains("train the run again", Assert.Single(changed.Notes), StringComparison.Ordinal);

        Directory.Delete(old.Resume, recursive: true);
        Assert.Contains("cannot be checked", Assert.Single(HeldOutRows.Find(old, training.Data).Notes), StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task The_weights_carry_classes_preprocessing_rows_and_a_temperature()
    {
        await Task.Yield();
        var identity = RunIdentity.Read(Run);
        Assert.Equal(training.Data.Classes, identity.Classes);
        Assert.Equal(DataSetFingerprint.Compute(training.Data), identity.DataSetFingerprint);
        Assert.Equal(RunSplit.Read(Run)!.Fingerprint, identity.RowsFingerprint);
        var table = Predict(training.Data).Splits[0].Table;
        Assert.Equal(identity.Preprocessing, table.Metadata.Preprocessing);
        Assert.Equal(identity.RowsFingerprint, table.Metadata.RowsSha256);
        var fitted = Temperature.Fit(table.Logits, table.Classes, table.Targets.Select(t => t!.Value).ToArray());
        Assert.Equal(fitted, identity.Temperature!.Value, 1e-9);
    }

    [Fact(Timeout = 300_000)]
    public async Task Predicting_twice_gives_the_same_bytes_and_augmentation_has_files_of_its_own()
    {
        await Task.Yield();
        var plain = Predict(training.Data).Splits;
        var bytes = plain.Select(s => File.ReadAllBytes(s.Path)).ToList();
        using var job = new PredictJob(
            Run, Run.Read(), training.Data, training.Artifacts, SmallTraining.Context(), TestTimeAugmentation.Parse(["hflip"]));
        var augmented = job.Run(CancellationToken.None);
        Assert.Equal(plain.Select(s => s.Path.Replace(".parquet", "+hflip.parquet", StringComparison.Ordinal)), augmented.Select(s => s.Path));
        Assert.Equal(plain[0].Accuracy, augmented[0].PlainAccuracy);
        Assert.All(plain.Zip(bytes), p => Assert.Equal(p.Second, File.ReadAllBytes(p.First.Path)));
        using var crops = new PredictJob(
            Run, Run.Read(), training.Data, training.Artifacts, SmallTraining.Context(), TestTimeAugmentation.Parse(["five-crop"]));
        Assert.Equal(plain[0].Accuracy, crops.Run(CancellationToken.None)[0].PlainAccuracy);
    }

    private (IReadOnlyList<SplitPrediction> Splits, IReadOnlyList<string> Notes) Predict(DataSet data)
    {
        using var job = new PredictJob(Run, Run.Read(), data, training.Artifacts, SmallTraining.Context());
        var notes = job.Notes().ToList();
        return (job.Run(CancellationToken.None), notes);
    }

    private DataSet Copy(TemporaryFolder folder, Func<string, string> edit)
    {
        foreach (var file in Directory.EnumerateFiles(training.DataFolder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.Root, Path.GetRelativePath(training.DataFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        var table = Path.Combine(folder.Root, "train.csv");
        File.WriteAllText(table, edit(File.ReadAllText(table)));
        return DataSetReader.Read(folder.Root);
    }

    // Turns class c into class (c + 1) modulo the number of classes.
    private static string Renumber(string csv, int classes)
    {
        var lines = csv.TrimEnd().Split('\n');
        return string.Join('\n', lines.Select((line, i) =>
        {
            var at = line.LastIndexOf(',') + 1;
            return i == 0 ? line : line[..at] + ((int.Parse(line[at..], System.Globalization.CultureInfo.InvariantCulture) + 1) % classes);
        })) + "\n";
    }

    private static string[] Predictions(LogitsTable table) =>
        [.. Enumerable.Range(0, table.Rows).Select(r => table.Metadata.ClassNames[table.Row(r).ToArray() is var row ? Array.IndexOf(row, row.Max()) : 0])];
}

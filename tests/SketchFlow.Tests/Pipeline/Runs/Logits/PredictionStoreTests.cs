using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Submissions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Runs.Logits;

/// <summary>Submissions are made of the tables in memory; they equal those of the tables as written and read back.</summary>
public class PredictionStoreTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Theory]
    [InlineData("whole", 0)]
    [InlineData("one-fold", 1)]
    [InlineData("many-folds", 12)]
    public void A_submission_needs_no_table_on_disk_and_is_that_of_the_written_tables(string run, int folds)
    {
        var artifacts = new Artifacts(Path.Combine(training.Root, run));
        var (store, data) = (new PredictionStore(artifacts), training.Data);
        LogitsTable[] tables = [.. Enumerable.Range(0, Math.Max(1, folds)).Select(i => Table(store, run, folds == 0 ? null : i))];

        var file = store.WriteSubmission(tables, data).Path;
        var submission = File.ReadAllText(file);
        Assert.False(Directory.Exists(artifacts.Logits));

        foreach (var table in tables)
        {
            PredictionStore.Write(table);
        }

        var read = RunLogits.Read(artifacts, data.Name, RunLogits.Test, [run])!.Set;
        var expected = Path.Combine(artifacts.Root, "expected.csv");
        Submission.Write(expected, read.Ids, read.ImagePaths, Combine.SoftVote(read).Predictions, data.Test.Length);
        Assert.Equal(File.ReadAllText(expected), submission);
        Assert.Equal(data.Test.Length + 1, File.ReadAllLines(file).Length);
    }

    [Fact]
    public void Without_a_table_or_with_tables_of_two_runs_no_submission_is_written()
    {
        var artifacts = new Artifacts(Path.Combine(training.Root, "refused"));
        var store = new PredictionStore(artifacts);
        Assert.Throws<RefusalException>(() => store.WriteSubmission([], training.Data));
        Assert.Throws<RefusalException>(() => store.WriteSubmission([Table(store, "a", 0), Table(store, "b", 1)], training.Data));
        Assert.False(Directory.Exists(artifacts.Submissions));
    }

    [Fact]
    public void A_submission_holds_the_ids_of_test_csv_and_is_the_same_twice()
    {
        var (store, data) = (new PredictionStore(new Artifacts(Path.Combine(training.Root, "ids"))), training.Data);
        Assert.Empty(PredictionStore.SubmissionIds(data.Test));
        Assert.Empty(PredictionStore.SubmissionIds([.. data.Test.Select(s => s with { SubmissionId = $"{s.Id}" })]));
        var named = data with { Test = [.. data.Test.Select(s => s with { SubmissionId = $"img-{s.Id * 3}" })] };
        LogitsTable[] tables = [Table(store, "ids", null)];
        var first = File.ReadAllBytes(store.WriteSubmission(tables, named).Path);
        var file = store.WriteSubmission(tables, named).Path;
        Assert.Equal(first, File.ReadAllBytes(file));
        Assert.Equal(data.Test.Select(s => $"img-{s.Id * 3}"), File.ReadAllLines(file).Skip(1).Select(l => l.Split(',')[0]));
        // The ids travel with the table, for ensembles.
        var table = tables[0] with { Metadata = tables[0].Metadata with { SubmissionIds = PredictionStore.SubmissionIds(named.Test) } };
        PredictionStore.Write(table);
        Assert.Equal(named.Test.Select(s => s.SubmissionId), LogitsReader.Read(table.Source).Metadata.SubmissionIds);
    }

    // Rows are not in the order of their ids, and one image is rejected.
    private LogitsTable Table(PredictionStore store, string run, int? fold)
    {
        var data = training.Data;
        var metadata = TableFixtures.Metadata(data.Classes.Length, run) with
        {
            Fold = fold,
            Dataset = data.Name,
            Split = "test",
            ClassNames = data.Classes,
            Tta = "none",
        };
        var table = TableFixtures.Table(data.Test.Length, data.Classes.Length, fold ?? 50, run, skill: 0.3) with
        {
            Source = store.PathOf(metadata),
            Metadata = metadata,
            Ids = [.. data.Test.Select(s => s.Id)],
            ImagePaths = [.. data.Test.Select(s => s.ImagePath)],
            Targets = new int?[data.Test.Length],
        };
        table.Statuses[2] = "truncated";
        table.Logits.Span.Slice(2 * table.Classes, table.Classes).Clear();
        return TableFixtures.Shuffled(table, fold ?? 1);
    }
}

using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs.Replacing;

public sealed class RunResultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Artifacts Artifacts => new(_folder.Root);

    [Fact]
    public void The_results_of_a_run_are_its_tables_views_and_submissions_and_those_of_no_other_run()
    {
        string[] own =
        [
            "logits/birds/test/a+hflip.parquet", "logits/birds/test/a.fold-0+hflip.parquet", "logits/birds/test/a.fold-0.parquet",
            "logits/birds/test/a.fold-12.parquet", "logits/birds/test/a.parquet", "logits/birds/val/a.parquet",
            "logits/birds/val/views/a.fold-0/plain.parquet",
            "logits/birds/val/views/a/plain.parquet", "logits/cats/val/a.parquet", "submissions/a.csv", "submissions/birds/a+hflip.csv",
            "submissions/birds/a.csv",
        ];
        string[] others =
        [
            "logits/birds/val/a2.parquet", "logits/birds/val/a.fold-x.parquet", "logits/birds/val/aa+hflip.parquet", "logits/birds/val/rejected.csv",
            "logits/birds/val/a+b.parquet", "logits/birds/val/a+b+hflip.parquet", "logits/birds/val/a.fold-7.parquet",
            "logits/birds/val/a.fold-7.fold-1.parquet",
            "logits/birds/val/views/a+b/plain.parquet", "submissions/a2.csv", "submissions/birds/a+b.csv", "submissions/birds/a.fold-7.csv",
            "submissions/birds/a+ensemble.csv", "ensembles/a+ensemble.yaml",
        ];
        foreach (var file in own.Concat(others))
        {
            _folder.With(file);
        }

        // Runs whose names look like results of the run.
        _folder.WithFolder("runs/a").WithFolder("runs/a+b").WithFolder("runs/a.fold-7").WithFolder("runs/a2");
        Assert.Equal(own, Find(Artifacts.Run("a")));
    }

    [Fact]
    public void The_results_of_a_fold_are_its_tables_and_the_submission_of_all_folds()
    {
        string[] own =
        [
            "logits/birds/test/a.fold-1+hflip.parquet", "logits/birds/val/a.fold-1.parquet", "logits/birds/val/views/a.fold-1/plain.parquet",
            "submissions/birds/a+hflip.csv", "submissions/birds/a.csv",
        ];
        foreach (var file in own.Append("logits/birds/val/a.fold-10.parquet").Append("logits/birds/val/a.fold-0.parquet").Append("logits/birds/val/a.parquet"))
        {
            _folder.With(file);
        }

        Assert.Equal(own, Find(Artifacts.Run("a").ForFold(1)));
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Find(RunFolder run) => new RunResults(Artifacts, run).Find().Select(f => Path.GetRelativePath(_folder.Root, f));
}

using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Ensembles;

/// <summary>The members of an ensemble agree on rows, classes, weights and preparation; every other is left out and named.</summary>
public sealed class EnsembleInputsTests : IDisposable
{
    private const int Rows = 120;
    private const int Classes = 6;

    private readonly TemporaryFolder _folder = new();

    private Artifacts Artifacts => new(_folder.Root);

    public void Dispose() => _folder.Dispose();

    private void Put(string run, int seed, Func<LogitsTable, LogitsTable>? change = null, string splits = "val test", double skill = 1.5)
    {
        foreach (var split in splits.Split(' '))
        {
            var table = TableFixtures.Table(Rows, Classes, seed + (split is "test" ? 1000 : 0), run, skill);
            table = table with { Metadata = table.Metadata with { Split = split }, Targets = split is "test" ? new int?[Rows] : table.Targets };
            table = change?.Invoke(table) ?? table;
            TableFixtures.Write(table.Metadata.PathBelow(Artifacts.Logits), table);
        }
    }

    private string FileOf(string split, string name) => Path.Combine(Artifacts.Logits, "sketches", split, name + ".parquet");

    private EnsembleReport Run(params string[] runs) =>
        EnsembleJob.Run(Artifacts, "sketches", new EnsembleOptions { Compare = false, Members = new MemberFilter([.. runs], []) });

    private static LogitsTable With(LogitsTable table, Func<LogitsMetadata, LogitsMetadata> change) => table with { Metadata = change(table.Metadata) };

    private void AssertLeftOut(string run, string reason)
    {
        var report = Run();
        Assert.Contains(reason, Assert.Single(report.LeftOut, m => m.Name == run).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(run, report.Members.Select(m => m.Name));
        Assert.NotEmpty(report.Members);
    }

    [Fact]
    public void A_run_whose_tables_are_damaged_or_missing_blocks_nothing()
    {
        Put("a", 1);
        Put("b", 2);
        foreach (var (run, split, reason) in new[] { ("c", "val", "truncated"), ("d", "test", "truncated") })
        {
            Put(run, 3);
            File.WriteAllBytes(FileOf(split, run), File.ReadAllBytes(FileOf(split, run))[..^50]);
            AssertLeftOut(run, reason);
        }

        Put("e", 4, splits: "val");
        AssertLeftOut("e", "no test table; run sketchflow predict --run e");
        Put("f", 4, splits: "test");
        AssertLeftOut("f", "no validation table; run sketchflow predict --run f");
        var answer = ProgramRunner.Run(_folder.Root, "ensemble", "--no-comparison");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("e is left out: it has no test table", answer.Error, StringComparison.Ordinal);
        // The verb evaluate compares what can be compared.
        answer = ProgramRunner.Run(_folder.Root, "evaluate");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("c is left out", answer.Error, StringComparison.Ordinal);
        answer = ProgramRunner.Run(_folder.Root, "logits", "list");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("truncated", answer.Error, StringComparison.Ordinal);
        Assert.Contains("convnext_atto", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void If_no_run_can_be_used_all_reasons_are_given_and_nothing_is_written()
    {
        Put("a", 1, splits: "val");
        Put("b", 2, splits: "test");
        var before = _folder.Entries;
        var message = Assert.Throws<RefusalException>(() => Run()).Message;
        Assert.Contains("a: it has no test table", message, StringComparison.Ordinal);
        Assert.Contains("b: it has no validation table", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(before, _folder.Entries);
    }

    [Fact]
    public void Runs_over_other_rows_or_classes_are_left_out_and_the_largest_group_is_taken()
    {
        Put("a", 1);
        Put("b", 2);
        Put("c", 3, t => LogitsSet.Join([t]).WithRows([.. Enumerable.Range(0, t.Metadata.Split is "val" ? Rows - 1 : Rows)]).Members[0]);
        AssertLeftOut("c", $"it was validated on other images than a ({Rows - 1} and {Rows} images, {Rows - 1} of them shared)");
        Put("d", 4, t => t.Metadata.Split is "val" ? t with { ImagePaths = [.. t.ImagePaths.Select(p => p + "x")] } : t);
        AssertLeftOut("d", $"it was validated on other images than a ({Rows} and {Rows} images, 0 of them shared)");
        Put("e", 5, t => With(t, m => m with { ClassNames = m.ClassNames.SetItem(0, "other") }));
        AssertLeftOut("e", "'other'");
        Put("f", 6, t => t.Metadata.Split is "val" ? t with { Targets = [.. t.Targets.Select(x => x == 0 ? 1 : x)] } : t);
        AssertLeftOut("f", "target of id");
        Put("g", 7, t => t.Metadata.Split is "test" ? LogitsSet.Join([t]).WithRows([.. Enumerable.Range(1, Rows - 1)]).Members[0] : t);
        AssertLeftOut("g", "expected every id from 0 on");
        Assert.Equal(["a", "b"], Run().Members.Select(m => m.Name).Order(StringComparer.Ordinal));
        // Named alone, a run of another group is used.
        Assert.Equal("d", Assert.Single(Run("d").Members).Name);
    }

    [Fact]
    public void Validation_and_test_are_of_the_same_weights_preprocessing_and_augmentation()
    {
        Put("a", 1);
        Put("b", 2, t => With(t, m => m with { CheckpointSha256 = new string(t.Metadata.Split is "val" ? 'b' : 'c', 64) }));
        AssertLeftOut("b", "of other weights");
        Put("c", 3, t => With(t, m => m with { Preprocessing = "stretch " + t.Metadata.Split }));
        AssertLeftOut("c", "prepared in different ways");
        Put("d", 4, t => With(t, m => m with { IsNamedByRun = true, Tta = t.Metadata.Split is "val" ? "hflip" : "none" }));
        AssertLeftOut("d", "prepared in different ways");
        Put("e", 5, t => With(t, m => m with { CheckpointSha256 = null, Preprocessing = $"imported from {t.Metadata.Split}.csv" }));
        var report = Run();
        Assert.Equal(["a", "e"], report.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.Contains(report.Notes, n => n.StartsWith("e: no checkpoint in the tables", StringComparison.Ordinal));
        Assert.Contains(report.Notes, n => n.Contains("no fingerprint of the data set", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_that_were_added_between_predictions_change_nothing_if_the_rows_agree()
    {
        Put("a", 1, t => With(t, m => m with { DatasetSha256 = new string('1', 64) }));
        Put("b", 2, t => With(t, m => m with { DatasetSha256 = new string('2', 64) }));
        var report = Run();
        Assert.Equal(2, report.Members.Length);
        Assert.Contains(report.Notes, n => n.Contains("data set changed", StringComparison.Ordinal));
    }

    private void PutFolds(string run, int folds, int seed)
    {
        for (var fold = 0; fold < folds; fold++)
        {
            Put(run, seed, t =>
            {
                var rows = t.Metadata.Split is "val" ? Enumerable.Range(0, Rows).Where(r => r % folds == fold) : Enumerable.Range(0, Rows);
                var weights = Path.Combine(Artifacts.Runs, run, $"fold-{fold}", "best.safetensors");
                var part = LogitsSet.Join([t]).WithRows([.. rows]).Members[0];
                var hash = File.Exists(weights) ? FileHash.Sha256(weights) : $"{fold}{new string('0', 63)}";
                return With(part, m => m with { Fold = fold, CheckpointSha256 = hash });
            });
        }
    }

    private void PutRun(string run, int folds)
    {
        _folder.With($"runs/{run}/recipe.yaml", "x");
        for (var fold = 0; fold < folds; fold++)
        {
            _folder.With($"runs/{run}/fold-{fold}/best.safetensors", $"weights {fold}");
        }
    }

    [Fact]
    public void A_set_of_folds_agrees_when_its_set_of_checkpoints_does()
    {
        Put("a", 1);
        PutFolds("q", 3, 5);
        var report = Run();
        Assert.Equal(["a", "q"], report.Members.Select(m => m.Name).Order(StringComparer.Ordinal));
        // The third fold was predicted again after another training, and only its test table.
        Put("q", 6, t => With(t, m => m with { Fold = 2, CheckpointSha256 = new string('f', 64) }), "test");
        AssertLeftOut("q", "of other weights");
    }

    [Fact]
    public void Tables_of_folds_that_no_longer_exist_are_never_used()
    {
        Put("a", 1);
        Put("q", 2);
        var whole = Run("q").Prediction.Probabilities;
        PutFolds("q", 3, 5);
        // Nothing tells which tables are in use.
        AssertLeftOut("q", "are both there");
        // The run was trained again without folds.
        PutRun("q", 0);
        Assert.Equal(whole, Run("q").Prediction.Probabilities);
        var saved = SavedEnsemble.Run(Artifacts, "sketches", "e", new EnsembleOptions { Compare = false, Members = new MemberFilter(["q"], []) });
        Assert.Equal(["sketches/test/q.parquet"], EnsembleFile.Load(saved.File).Members[0].Test.Keys);
        // A single run is evaluated from its own table alone.
        Assert.Single(RunLogits.Read(Artifacts, "sketches", "val", ["q"])!.Files["q"]);
        // With two folds, the third is of an earlier training, and so is the table of the whole run.
        PutRun("q", 2);
        var message = Assert.Throws<RefusalException>(() => RunLogits.Read(Artifacts, "sketches", "val", ["q"])).Message;
        Assert.Contains("other weights", message, StringComparison.Ordinal);
        PutFolds("q", 2, 7);
        Assert.Equal(2, RunLogits.Read(Artifacts, "sketches", "test", ["q"])!.Files["q"].Length);
        Assert.Contains("q", Run().Members.Select(m => m.Name));
        // Tables of folds alone are not those of a run without folds.
        Directory.Delete(_folder["runs/q"], recursive: true);
        PutRun("q", 0);
        File.Delete(FileOf("val", "q"));
        File.Delete(FileOf("test", "q"));
        AssertLeftOut("q", "has no folds");
    }

    [Fact]
    public void A_run_that_trained_on_after_its_prediction_is_left_out_until_it_is_predicted_again()
    {
        Put("a", 1);
        var weights = _folder.With("runs/q/best.safetensors", "weights of epoch 3")["runs/q/best.safetensors"];
        PutRun("q", 0);
        Put("q", 2, t => With(t, m => m with { CheckpointSha256 = FileHash.Sha256(weights) }));
        Assert.Contains("q", Run().Members.Select(m => m.Name));
        // Training continues with --resume and finds a better epoch.
        File.WriteAllText(weights, "weights of epoch 9");
        AssertLeftOut("q", "was predicted with other weights than");
        var message = Assert.Throws<RefusalException>(() => EvaluateJob.LoadRun(Artifacts, "sketches", "val", "q")).Message;
        Assert.Contains("sketchflow predict --run q", message, StringComparison.Ordinal);
        Put("q", 3, t => With(t, m => m with { CheckpointSha256 = FileHash.Sha256(weights) }));
        Assert.Contains("q", Run().Members.Select(m => m.Name));
        // Weights may be deleted to save space; the tables are complete without them.
        File.Delete(weights);
        Assert.Contains("q", Run().Members.Select(m => m.Name));
    }

    [Fact]
    public void A_refit_is_estimated_by_the_run_that_it_repeats_and_replaces_it()
    {
        Put("a", 1);
        Put("r", 2);
        Put("r-refit", 3, t => With(t, m => m with { EstimatedBy = "r", CheckpointSha256 = new string('e', 64) }), "test");
        var saved = SavedEnsemble.Run(Artifacts, "sketches", "e", new EnsembleOptions { Compare = false, Method = EnsembleMethod.All });
        var member = saved.Report.Members.Single(m => m.Name == "r-refit");
        Assert.Equal("r-refit (estimated by r)", member.Title);
        Assert.Equal(ClassificationMetrics.Evaluate(LogitsReader.Read(FileOf("val", "r"))).Accuracy, member.Accuracy);
        Assert.Contains("its refit r-refit is used instead", Assert.Single(saved.Report.LeftOut).Reason, StringComparison.Ordinal);
        var file = EnsembleFile.Load(saved.File);
        Assert.Equal("r", file.Members.Single(m => m.Run == "r-refit").EstimatedBy);
        Assert.Equal(["sketches/val/r.parquet"], file.Members.Single(m => m.Run == "r-refit").Validation.Keys);
        var again = SavedEnsemble.Rebuild(Artifacts, file, "again");
        Assert.Equal(File.ReadAllBytes(saved.Submission!), File.ReadAllBytes(again.Submission!));
        Assert.Equal(File.ReadAllText(saved.File), File.ReadAllText(again.File).Replace("again.yaml", "e.yaml", StringComparison.Ordinal));
        // Selected alone, it still finds its estimate; without the estimate it is left out.
        Assert.Equal("r-refit", Assert.Single(Run("r-refit").Members).Name);
        var answer = ProgramRunner.Run(_folder.Root, "ensemble", "--no-comparison", "--json");
        Assert.Contains("\"estimated_by\":\"r\"", answer.LastLine, StringComparison.Ordinal);
        Assert.Contains("estimated by r", File.ReadAllText(_folder["reports/ensemble-sketches.html"]), StringComparison.Ordinal);
        File.Delete(FileOf("val", "r"));
        AssertLeftOut("r-refit", "is estimated by r");
        // Where the data set has a validation split, the refit has a table of rows that it learnt from: it is no estimate.
        Put("r-refit", 3, t => With(t, m => m with { EstimatedBy = "r" }), "val", skill: 9);
        AssertLeftOut("r-refit", "is estimated by r");
        Assert.Equal("a", EvaluateJob.LoadBestRun(Artifacts, "sketches", "val").Best.Name);
        var message = Assert.Throws<RefusalException>(() => EvaluateJob.LoadRun(Artifacts, "sketches", "val", "r-refit")).Message;
        Assert.Contains("evaluate that one", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_near_chance_are_dropped_unless_there_are_too_few_rows_to_tell()
    {
        Put("a", 1, skill: 3);
        Put("b", 2, skill: 3);
        Put("chance", 3, skill: 0);
        AssertLeftOut("chance", "not significantly above chance (16.7 %)");
        using var few = new TemporaryFolder();
        var artifacts = new Artifacts(few.Root);
        foreach (var (run, skill) in new[] { ("a", 9.0), ("chance", 0.0) })
        {
            var table = TableFixtures.Table(4, Classes, 1, run, skill);
            TableFixtures.Write(table.Metadata.PathBelow(artifacts.Logits), table);
        }

        Assert.Empty(EnsembleJob.Run(artifacts, "sketches").LeftOut);
    }

    [Fact]
    public void Runs_are_selected_by_name_and_pattern_and_an_unknown_name_is_refused()
    {
        foreach (var (run, seed) in new[] { ("a-1", 1), ("a-2", 2), ("b", 3) })
        {
            Put(run, seed);
        }

        string[] Names(string[] include, string[] exclude) =>
        [
            .. EnsembleJob.Run(Artifacts, "sketches", new EnsembleOptions { Compare = false, Members = new MemberFilter([.. include], [.. exclude]) })
                .Members.Select(m => m.Name).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(["a-1", "a-2"], Names(["a-*"], []));
        Assert.Equal(["a-1", "b"], Names([], ["a-2"]));
        Assert.Equal(["b"], Names(["a-2", "b"], ["a*"]));
        Assert.Equal(["a-1", "a-2", "b"], Names([], []));
        Assert.Contains("--runs: no tables of a run a;", Assert.Throws<RefusalException>(() => Names(["a"], [])).Message, StringComparison.Ordinal);
        Assert.Contains("--exclude: no tables of a run c*", Assert.Throws<RefusalException>(() => Names([], ["c*"])).Message, StringComparison.Ordinal);
        var answer = ProgramRunner.Run(_folder.Root, "ensemble", "--runs", "a-1", "b", "--no-comparison", "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.DoesNotContain("a-2", answer.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_in_another_order_are_matched_by_name_and_it_is_said()
    {
        Put("a", 1);
        Put("b", 2);
        var before = SavedEnsemble.Run(Artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        Assert.DoesNotContain("classes:", File.ReadAllText(before.File), StringComparison.Ordinal);
        // The same predictions with the classes in reverse order, written earlier.
        foreach (var split in new[] { "val", "test" })
        {
            var table = LogitsReader.Read(FileOf(split, "a"));
            TableFixtures.Write(FileOf(split, "a"), table.WithClassOrder([.. table.Metadata.ClassNames.Reverse()], "test"));
            File.SetLastWriteTimeUtc(FileOf(split, "a"), DateTime.UtcNow.AddDays(-1));
        }

        var saved = SavedEnsemble.Run(Artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        Assert.Contains(saved.Report.Notes, n => n.StartsWith("a: the classes are in another order than in b", StringComparison.Ordinal));
        Assert.Equal(File.ReadAllBytes(before.Submission!), File.ReadAllBytes(saved.Submission!));
        // The order is stored, so that newer file times do not renumber the submission.
        File.SetLastWriteTimeUtc(FileOf("test", "a"), DateTime.UtcNow.AddDays(1));
        var again = SavedEnsemble.Rebuild(Artifacts, EnsembleFile.Load(saved.File), "again");
        Assert.Equal(File.ReadAllBytes(saved.Submission!), File.ReadAllBytes(again.Submission!));
    }

    [Fact]
    public void The_submission_of_an_ensemble_has_the_ids_of_the_test_table()
    {
        Put("a", 1);
        Put("b", 2, t => t.Metadata.Split is "test" ? With(t, m => m with { SubmissionIds = [.. Enumerable.Range(0, Rows).Select(i => $"img-{i * 7}")] }) : t);
        var saved = SavedEnsemble.Run(Artifacts, "sketches", "e", new EnsembleOptions { Compare = false, Method = EnsembleMethod.All });
        var lines = File.ReadAllLines(saved.Submission!);
        Assert.Equal("ID,image_path,target", lines[0]);
        Assert.StartsWith("img-7,val/1.png,", lines[2], StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(SavedEnsemble.Rebuild(Artifacts, EnsembleFile.Load(saved.File), "again").Submission!));
        Put("c", 3, t => t.Metadata.Split is "test" ? With(t, m => m with { SubmissionIds = [.. Enumerable.Range(0, Rows).Select(i => $"x-{i}")] }) : t);
        File.SetLastWriteTimeUtc(FileOf("test", "c"), DateTime.UtcNow.AddDays(-1));
        File.SetLastWriteTimeUtc(FileOf("val", "c"), DateTime.UtcNow.AddDays(-1));
        AssertLeftOut("c", "other ids than those of b");
    }
}

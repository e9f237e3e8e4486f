using System.Diagnostics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Ensembles;

/// <summary>The ensemble job with real files in a folder of artifacts.</summary>
public sealed class EnsembleJobTests
{
    private const int Rows = 120;
    private const int Classes = 6;

    private static Artifacts Prepare(TemporaryFolder folder, int runs, bool test = true, Func<int, double>? skill = null)
    {
        var artifacts = new Artifacts(folder.Root);
        for (var m = 0; m < runs; m++)
        {
            foreach (var split in test ? new[] { "val", "test" } : ["val"])
            {
                Put(artifacts, TableFixtures.Table(Rows, Classes, (m * 10) + split.Length, $"run-{m}", skill?.Invoke(m) ?? 1.5), split);
            }
        }

        return artifacts;
    }

    private static void Put(Artifacts artifacts, LogitsTable table, string split)
    {
        table = table with { Metadata = table.Metadata with { Split = split }, Targets = split is "test" ? new int?[table.Rows] : table.Targets };
        TableFixtures.Write(table.Metadata.PathBelow(artifacts.Logits), table);
    }

    [Fact]
    public void The_best_ensemble_is_saved_explained_and_rebuilt_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 5);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        Assert.Equal(5, saved.Report.Members.Length);
        Assert.True(saved.Report.Evaluation.Accuracy >= saved.Report.Members[0].Accuracy);
        Assert.Equal(saved.Report.Members.Count(m => m.Weight > 0), saved.Report.Ladder.Length);
        Assert.Equal(saved.Report.Evaluation.Accuracy, saved.Report.Ladder[^1].Score.Score);
        Assert.All(saved.Report.Ladder, r => Assert.InRange(r.Score.Score, r.Score.Low, r.Score.High));
        Assert.NotNull(saved.Report.HeldOut);
        Assert.Equal("best of 31 subsets", saved.Report.Method);
        Assert.Equal(1 + Rows, File.ReadLines(saved.Submission!).Count());

        var kept = EnsembleFile.Load(saved.File);
        var yaml = File.ReadAllBytes(saved.File);
        // A run added later changes nothing.
        Put(artifacts, TableFixtures.Table(Rows, Classes, 99, "run-9", 5), "val");
        var again = SavedEnsemble.Rebuild(artifacts, kept, "e2");
        Assert.Equal(File.ReadAllBytes(saved.Submission!), File.ReadAllBytes(again.Submission!));
        Assert.Equal(yaml, File.ReadAllText(again.File).Replace("e2.yaml", "e.yaml", StringComparison.Ordinal).Select(c => (byte)c));
        Assert.Equal(saved.Report.Evaluation.LogLoss, again.Report.Evaluation.LogLoss);

        var explained = EnsembleJob.Explain(artifacts, kept, 7);
        Assert.Equal("val/7.png", explained.ImagePath);
        Assert.Equal(kept.Members.Count + 1, explained.Votes.Length);
        Assert.Equal("ensemble", explained.Votes[^1].Run);
        Assert.Equal(3, explained.Votes[0].Classes.Length);
        Assert.Contains("id 4711", Assert.Throws<RefusalException>(() => EnsembleJob.Explain(artifacts, kept, 4711)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EnsembleMethod.Auto)]
    [InlineData(EnsembleMethod.Exhaustive)]
    [InlineData(EnsembleMethod.Greedy)]
    [InlineData(EnsembleMethod.Swap)]
    [InlineData(EnsembleMethod.All)]
    public void Every_method_works_with_one_run_and_with_three(EnsembleMethod method)
    {
        foreach (var runs in new[] { 1, 3 })
        {
            using var folder = new TemporaryFolder();
            var saved = SavedEnsemble.Run(Prepare(folder, runs, test: false), "sketches", "e", new EnsembleOptions { Method = method, Compare = false });
            Assert.Null(saved.Submission);
            Assert.Equal(runs, saved.Report.Members.Length);
            Assert.Equal([saved.File], folder.Entries.Where(f => !f.Contains("logits", StringComparison.Ordinal) && File.Exists(f)));
        }
    }

    [Fact]
    public void A_search_beyond_its_budget_is_greedy()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 4, test: false);
        string Method(EnsembleOptions options) => EnsembleJob.Run(artifacts, "sketches", options).Method;
        Assert.StartsWith("greedy", Method(new EnsembleOptions { Compare = false, Seconds = 1e-9 }), StringComparison.Ordinal);
        Assert.StartsWith("best of 15", Method(new EnsembleOptions { Compare = false }), StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_are_joined_out_of_fold_and_averaged_on_test()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 1);
        var whole = TableFixtures.Table(Rows, Classes, 77, "folded", 3);
        for (var fold = 0; fold < 3; fold++)
        {
            var part = LogitsSet.Join([whole]).WithRows([.. Enumerable.Range(0, Rows).Where(r => r % 3 == fold)]).Members[0];
            Put(artifacts, part with { Metadata = part.Metadata with { Fold = fold } }, "val");
            Put(artifacts, whole with { Metadata = whole.Metadata with { Fold = fold } }, "test");
        }

        var saved = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        Assert.Equal(["folded", "run-0"], saved.Report.Members.Select(m => m.Name));
        Assert.Equal(ClassificationMetrics.Evaluate(whole).Accuracy, saved.Report.Members[0].Accuracy);
        Assert.Equal(3, EnsembleFile.Load(saved.File).Members[0].Validation.Count);
        Assert.NotNull(saved.Submission);
    }

    [Fact]
    public void A_table_that_changed_since_is_refused()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 2);
        var kept = EnsembleFile.Load(SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Method = EnsembleMethod.All, Compare = false }).File);
        Put(artifacts, TableFixtures.Table(Rows, Classes, 5, "run-1"), "val");
        Assert.Contains(
            "run-1.parquet has the SHA-256",
            Assert.Throws<RefusalException>(() => SavedEnsemble.Rebuild(artifacts, kept, "e")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void McNemar_is_the_binomial_test_and_agreement_counts()
    {
        int[] targets = [.. Enumerable.Repeat(0, 20)];
        int[] first = [.. Enumerable.Range(0, 20).Select(i => i < 2 ? 1 : 0)];
        int[] second = [.. Enumerable.Range(0, 20).Select(i => i is >= 2 and < 10 ? 1 : 0)];
        var test = ModelComparison.McNemarTest(first, second, targets);
        Assert.Equal((10, 8, 2, 0), (test.BothRight, test.OnlyFirst, test.OnlySecond, test.BothWrong));
        // 2 × (1 + 10 + 45) / 1024.
        Assert.Equal(112 / 1024.0, test.P, 1e-12);
        Assert.Equal(1, ModelComparison.McNemarTest(first, first, targets).P);
        var alike = ModelComparison.Agreement(first, second, targets);
        Assert.Equal((0.5, 2), (alike.Agreement, alike.Corrections));
        Assert.Equal(((20 * 0) - (2 * 8)) / Math.Sqrt(2 * 18 * 8 * 12), alike.ErrorCorrelation, 1e-12);
        Assert.Equal(1, ModelComparison.Agreement(first, first, targets).ErrorCorrelation, 1e-12);
    }

    [Fact]
    public void An_evaluation_writes_metrics_classes_and_pictures()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 2);
        var evaluated = EvaluateJob.LoadBestRun(artifacts, "sketches", "val").Best;
        EvaluationFiles.Write(folder["out"], EvaluateJob.Evaluate(evaluated));
        Assert.Equal(
            [
                "classes.csv", "confusion.csv", "confusion.png", "confusions.csv", "metrics.json", "predictions.csv", "recall.png", "reliability.csv",
                "reliability.png", "report.html",
            ],
            Directory.EnumerateFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(1 + Classes, File.ReadLines(folder["out/classes.csv"]).Count());
        Assert.Equal(1 + Rows, File.ReadLines(folder["out/predictions.csv"]).Count());
    }

    /// <summary>Runs the program and collects everything that the dynamic loader loaded, including what was closed again.</summary>
    private static async Task<(int ExitCode, string Output, string Error, string Loaded)> Loaded(TemporaryFolder folder, params string[] arguments)
    {
        var log = folder[$"loaded-{arguments[0]}"];
        string[] all = arguments[0] == "doctor" ? arguments : [.. arguments, "--artifacts", folder.Root];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "sketchflow"), all)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log, ["SKETCHFLOW_PROGRESS"] = "none" },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var loaded = string.Join('\n', folder.Entries.Where(f => f.StartsWith(log, StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.Contains("libcoreclr", loaded, StringComparison.Ordinal);
        return (process.ExitCode, await output, error, loaded);
    }

    [Fact(Timeout = 300_000)]
    public async Task The_offline_ensemble_loads_neither_libtorch_nor_OpenCV()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the loader is asked through LD_DEBUG");
        using var folder = new TemporaryFolder();
        Prepare(folder, 3);
        foreach (var arguments in new string[][] { ["ensemble", "--no-comparison", "--combine", "perclass", "--memory", "0"], ["evaluate"] })
        {
            var (exit, output, error, loaded) = await Loaded(folder, arguments);
            Assert.Equal((0, ""), (exit, error));
            Assert.NotEmpty(output);
            Assert.DoesNotContain("libtorch", loaded, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("TorchSharp.so", loaded, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("OpenCv", loaded, StringComparison.OrdinalIgnoreCase);
        }

        // Control: a verb that needs both loads both.
        var control = (await Loaded(folder, "doctor")).Loaded;
        Assert.Contains("libtorch", control, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("OpenCv", control, StringComparison.OrdinalIgnoreCase);
    }
}

using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;
using SketchFlow.Tests.Scoring;
using SketchFlow.Tests.Scoring.Tables;
using SkiaSharp;

namespace SketchFlow.Tests.Pipeline.Ensembles;

/// <summary>Every way of choosing and combining, with real files: saved, rebuilt, explained, evaluated and reported.</summary>
public sealed class EnsembleWaysTests
{
    private const int Rows = 120;
    private const int Classes = 6;

    private static Artifacts Prepare(TemporaryFolder folder, int runs = 3)
    {
        var artifacts = new Artifacts(folder.Root);
        for (var m = 0; m < runs; m++)
        {
            foreach (var split in new[] { "val", "test" })
            {
                var table = TableFixtures.Table(Rows, Classes, (m * 10) + split.Length, $"run-{m}", 1 + (0.4 * m));
                table = table with { Metadata = table.Metadata with { Split = split }, Targets = split is "test" ? new int?[Rows] : table.Targets };
                TableFixtures.Write(table.Metadata.PathBelow(artifacts.Logits), table);
            }
        }

        return artifacts;
    }

    [Theory]
    [InlineData(CombineRule.Soft, EnsembleWeights.LogLoss, EnsembleMethod.All)]
    [InlineData(CombineRule.Soft, EnsembleWeights.LeastSquares, EnsembleMethod.Auto)]
    [InlineData(CombineRule.Soft, EnsembleWeights.Searched, EnsembleMethod.Bagged)]
    [InlineData(CombineRule.Soft, EnsembleWeights.Searched, EnsembleMethod.Climb)]
    [InlineData(CombineRule.Logits, EnsembleWeights.LogLoss, EnsembleMethod.All)]
    [InlineData(CombineRule.Rank, EnsembleWeights.Searched, EnsembleMethod.Forward)]
    [InlineData(CombineRule.Hard, EnsembleWeights.Searched, EnsembleMethod.Backward)]
    [InlineData(CombineRule.PerClass, EnsembleWeights.Searched, EnsembleMethod.All)]
    [InlineData(CombineRule.Stacked, EnsembleWeights.Searched, EnsembleMethod.All)]
    public void Every_combination_is_saved_and_rebuilt_byte_for_byte(CombineRule rule, EnsembleWeights weights, EnsembleMethod method)
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Combine = rule, Weights = weights, Method = method, Compare = false });
        var estimate = saved.Report.HeldOut;
        Assert.NotNull(estimate);
        Assert.InRange(estimate.Score, estimate.Low, estimate.High);
        // The last step of the ladder is the ensemble itself.
        Assert.Equal(saved.Report.Evaluation.Accuracy, saved.Report.Ladder[^1].Score.Score, 1e-12);
        var kept = EnsembleFile.Load(saved.File);
        var again = SavedEnsemble.Rebuild(artifacts, kept, "again");
        Assert.Equal(File.ReadAllBytes(saved.Submission!), File.ReadAllBytes(again.Submission!));
        Assert.Equal(File.ReadAllText(saved.File), File.ReadAllText(again.File).Replace("again.yaml", "e.yaml", StringComparison.Ordinal));
        var evaluated = EvaluateJob.LoadEnsemble(artifacts, "val", kept, "e");
        Assert.Equal(saved.Report.Evaluation.LogLoss, EvaluateJob.Evaluate(evaluated).Report.LogLoss);
        var explained = EnsembleJob.Explain(artifacts, kept, 5);
        Assert.Equal(evaluated.Prediction.Row(5).ToArray().Max(), explained.Votes[^1].Classes[0].Probability, 1e-12);
    }

    [Fact]
    public void All_combinations_are_measured_on_held_out_rows_within_the_budget_and_the_best_is_written()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e");
        Assert.Equal(12, saved.Report.Candidates.Length + saved.Report.Skipped.Length);
        Assert.Contains(saved.Report.Candidates, r => r.Name == "weights per class");
        Assert.Contains(saved.Report.Candidates, r => r.Name == "best of 7 subsets");
        Assert.All(saved.Report.Candidates, r => Assert.InRange(r.HeldOut!.Score, r.HeldOut.Low, r.HeldOut.High));
        Assert.Equal(saved.Report.Candidates.Select(r => r.HeldOut!.Score).OrderDescending(), saved.Report.Candidates.Select(r => r.HeldOut!.Score));
        Assert.Equal([0], saved.Report.Candidates.Index().Where(c => c.Item.IsChosen).Select(c => c.Index));
        Assert.Equal(saved.Report.Candidates[0].HeldOut, saved.Report.HeldOut);
        // The plain mean fits only temperatures, so that its held-out score is close to the fitted one.
        var soft = saved.Report.Candidates.Single(r => r.Name == "mean of probabilities");
        Assert.Equal(saved.Report.All.Accuracy, soft.FittedScore);
        Assert.InRange(soft.HeldOut!.Score, soft.FittedScore - 0.03, soft.FittedScore + 0.03);
        var poor = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Seconds = 0 });
        // Without a budget the search is greedy, and that alone is measured.
        Assert.True(Assert.Single(poor.Report.Candidates).IsChosen);
        Assert.Equal(10, poor.Report.Skipped.Length);
    }

    [Fact]
    public void The_command_of_each_candidate_makes_that_candidate()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var report = SavedEnsemble.Run(artifacts, "sketches", "e").Report;
        foreach (var candidate in report.Candidates)
        {
            var same = SavedEnsemble.Run(artifacts, "sketches", "f", candidate.Options with { IsChosenByUser = true, Compare = false }).Report;
            Assert.Equal(candidate.FittedScore, same.Evaluation.Accuracy, 1e-12);
        }

        Assert.Equal(report.Candidates.Length, report.Candidates.Select(c => c.Options.Command).Distinct(StringComparer.Ordinal).Count());
        var command = report.Candidates[^1].Options.Command.Split(' ');
        var answer = ProgramRunner.Run(folder.Root, [.. command[1..], "--no-comparison", "--json", "--name", "g"]);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(report.Candidates[^1].FittedScore, json.RootElement.GetProperty("val_accuracy").GetDouble(), 1e-12);
    }

    [Fact]
    public void The_way_that_the_user_asks_for_is_written_and_a_better_one_is_named()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var best = EnsembleJob.Run(artifacts, "sketches").Candidates;
        var worst = best.Last(c => c.HeldOut!.Score < best[0].HeldOut!.Score);
        var report = EnsembleJob.Run(artifacts, "sketches", worst.Options with { IsChosenByUser = true });
        Assert.Equal(worst.HeldOut, report.HeldOut);
        Assert.Equal(worst.Options.Command, report.Candidates.Single(c => c.IsChosen).Options.Command);
        Assert.Contains(report.Notes, n => n.Contains(best[0].Options.Command, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(8, 6)]
    [InlineData(60, 40)]
    public void Few_rows_in_a_class_or_in_total_make_an_ensemble(int rows, int classes)
    {
        using var folder = new TemporaryFolder();
        var artifacts = new Artifacts(folder.Root);
        for (var m = 0; m < 3; m++)
        {
            var table = TableFixtures.Table(rows, classes, m, $"run-{m}");
            TableFixtures.Write(table.Metadata.PathBelow(artifacts.Logits), table);
        }

        var report = EnsembleJob.Run(artifacts, "sketches");
        Assert.Equal(rows >= 50, report.HeldOut is not null);
        Assert.Equal(rows >= 50 ? 12 : 11, report.Candidates.Length + report.Skipped.Length);
        if (rows < 50)
        {
            // The unweighted mean, and it is said.
            Assert.All(report.Members, m => Assert.Equal((1, 1), (m.Weight, m.Temperature)));
            Assert.Contains(report.Notes, n => n.Contains("too few", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_ensemble_beyond_its_memory_is_the_same_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        var (yaml, csv) = (File.ReadAllBytes(saved.File), File.ReadAllBytes(saved.Submission!));
        var mapped = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Memory = 0, Compare = false });
        Assert.True(mapped.Report.Validation.Set.Arena.MappedBytes > 0);
        Assert.Equal(yaml, File.ReadAllBytes(mapped.File));
        Assert.Equal(csv, File.ReadAllBytes(mapped.Submission!));
        Assert.Equal(saved.Report.HeldOut, mapped.Report.HeldOut);
        Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
    }

    [Fact]
    public void The_page_and_the_table_of_recalls_have_all_their_parts()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var saved = SavedEnsemble.Run(artifacts, "sketches", "e");
        var files = new EnsembleFiles(artifacts, "e", "sketches");
        files.WriteReport(saved.Report);
        var page = File.ReadAllText(files.Page);
        foreach (var heading in new[]
        {
            "Models", "Gain from each added model", "Combinations", "Classes", "Calibration", "Agreement between models",
            "Which model covers which weak class", "Each model",
        })
        {
            Assert.Contains($"<h2>{heading}</h2>", page, StringComparison.Ordinal);
        }

        // Class names are escaped.
        Assert.Contains("klasse &quot;1&quot;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        var lines = File.ReadAllLines(files.Recalls);
        Assert.Equal("class,name,rows,ensemble,run-0,run-1,run-2", lines[0]);
        Assert.Equal(1 + Classes, lines.Length);
    }

    [Fact]
    public void An_invalid_ensemble_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        var file = SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Combine = CombineRule.PerClass, Compare = false }).File;
        string Refused(string from, string to)
        {
            var text = File.ReadAllText(file);
            Assert.Contains(from, text, StringComparison.Ordinal);
            File.WriteAllText(folder["bad.yaml"], text.Replace(from, to, StringComparison.Ordinal));
            return Assert.Throws<RefusalException>(() => SavedEnsemble.Rebuild(artifacts, EnsembleFile.Load(folder["bad.yaml"]), "bad")).Message;
        }

        Assert.Contains("combines by 'magic'", Refused("combine: perclass", "combine: magic"), StringComparison.Ordinal);
        Assert.Contains("class weights of run-", Refused("class_weights: [", "class_weights: [0.5, "), StringComparison.Ordinal);
        Assert.Contains("strength is 0", Refused("combine: perclass", "combine: stacked"), StringComparison.Ordinal);
        Assert.False(File.Exists(EnsembleFile.PathOf(artifacts, "bad")));
    }

    [Fact]
    public void Another_tools_table_is_imported_as_a_run_or_not_at_all()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder, 2);
        var theirs = TableFixtures.Table(Rows, Classes, 7, "theirs", 3);
        // A damaged table of another run does not prevent an import.
        folder.With("logits/sketches/val/damaged.parquet", "x");
        File.WriteAllLines(
            folder["t.csv"],
            Enumerable.Range(0, Rows).Select(i => $"{i},{string.Join(',', theirs.Row(i).ToArray())}")
                .Prepend("id,logit_0,logit_1,logit_2,logit_3,logit_4,logit_5"));
        var options = new ImportOptions { ClassNames = theirs.Metadata.ClassNames };
        foreach (var split in new[] { "val", "test" })
        {
            var (path, rows, accuracy) = LogitsImport.Import(artifacts, folder["t.csv"], null, split, "theirs", "swin", options);
            Assert.Equal((Rows, split is "test"), (rows, accuracy is null));
            Assert.Equal(theirs.Logits.ToArray(), LogitsReader.Read(path).Logits.ToArray());
        }

        Assert.Contains("theirs", SavedEnsemble.Run(artifacts, "sketches", "e").Report.Members.Select(m => m.Name));
        var before = folder.Entries;
        string Refused(string split, string run) =>
            Assert.Throws<RefusalException>(() => LogitsImport.Import(artifacts, folder["t.csv"], null, split, run, "m", options)).Message;
        Assert.Contains("exists", Refused("val", "theirs"), StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => LogitsImport.Import(artifacts, folder["t.csv"], null, "val", "all", "m", options));
        Assert.Throws<RefusalException>(() => LogitsImport.Import(artifacts, folder["t.csv"], null, "val", "other", "m", new ImportOptions()));
        Assert.Contains("rows are not known", Refused("train", "other"), StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => LogitsImport.Import(artifacts, folder["t.csv"], null, "dev", "other", "m", options));
        Assert.Throws<UsageException>(() => LogitsImport.Import(artifacts, folder["t.csv"], null, "val", "a/b", "m", options));
        Assert.Equal(before, folder.Entries);
    }

    [Fact]
    public void An_evaluation_compares_and_draws_the_worst_images()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Prepare(folder);
        SavedEnsemble.Run(artifacts, "sketches", "e", new EnsembleOptions { Compare = false });
        var (evaluated, other) = (EvaluateJob.Load(artifacts, () => "sketches", "val", "run-0"), EvaluateJob.Load(artifacts, () => "sketches", "val", "e"));
        Assert.Throws<RefusalException>(() => EvaluateJob.Load(artifacts, () => "sketches", "val", "none"));
        Assert.Null(EvaluateJob.FindImages(artifacts, evaluated, null));
        using (var bitmap = new SKBitmap(30, 60))
        {
            bitmap.Erase(SKColors.Black);
            using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            // The file of the worst mistake is missing, and some files are not images.
            Directory.CreateDirectory(folder["images"]);
            foreach (var id in evaluated.Set.Ids)
            {
                File.WriteAllBytes(folder[$"images/{id}.png"], id % 7 == 0 ? [1, 2, 3] : data.ToArray());
            }
        }

        var images = evaluated.Set.Ids.Select((id, i) => new Sample(id, evaluated.Set.ImagePaths[i], folder[$"images/{id}.png"], null))
            .ToDictionary(s => s.ImagePath, StringComparer.Ordinal);
        File.Delete(folder["images/3.png"]);
        var test = EvaluateJob.Compare(evaluated, other);
        EvaluationFiles.Write(folder["out"], EvaluateJob.Evaluate(evaluated, other), images);
        using var worst = SKBitmap.Decode(folder["out/worst.png"]);
        Assert.Equal((6 * (190 + 14)) + 14, worst.Width);
        using var json = JsonDocument.Parse(File.ReadAllText(folder["out/metrics.json"]));
        Assert.Equal(test.P, json.RootElement.GetProperty("against").GetProperty("p").GetDouble());
        Assert.Equal(Classes, json.RootElement.GetProperty("classes").GetArrayLength());
        Assert.Equal(15, json.RootElement.GetProperty("reliability").GetArrayLength());
        var matrix = File.ReadAllLines(folder["out/confusion.csv"]).Select(l => l.Split(',').Select(int.Parse).ToArray()).ToArray();
        Assert.Equal(Rows, matrix.Sum(r => r.Sum()));
        Assert.Equal(EvaluateJob.Evaluate(evaluated).Report.PerClass.Select(c => c.Right), matrix.Select((r, i) => r[i]));
        Assert.Contains("McNemar", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_table_is_left_out_and_named_and_refused_in_one_sentence_if_it_is_the_only_one()
    {
        void LeftOut(Action<Artifacts, string> damage, string expected, bool alone = true)
        {
            using var folder = new TemporaryFolder();
            var artifacts = new Artifacts(folder.Root);
            var val = folder["logits/d/val"];
            Directory.CreateDirectory(val);
            new LogitsReaderRefusalTests.Draft { Targets = [1, 0] }.Write(Path.Combine(val, "r.parquet"));
            damage(artifacts, Path.Combine(val, "s.parquet"));
            var report = EnsembleJob.Run(artifacts, "d");
            Assert.Single(report.Members);
            Assert.Contains(expected, Assert.Single(report.LeftOut).Reason, StringComparison.Ordinal);
            if (alone)
            {
                File.Delete(Path.Combine(val, "r.parquet"));
                var message = Assert.Throws<RefusalException>(() => EnsembleJob.Run(artifacts, "d")).Message;
                Assert.Contains(expected, message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', message);
            }
        }

        var other = new Dictionary<string, string?>(StringComparer.Ordinal) { ["run"] = "s" };
        LeftOut((_, path) => new LogitsReaderRefusalTests.Draft { Targets = [1, 0], Changes = other, Ids = [0, 2] }.Write(path), "id 1 is only in", false);
        LeftOut((_, path) => new LogitsReaderRefusalTests.Draft { Targets = [1, 0], Changes = other, Ids = [0, 0] }.Write(path), "id 0 twice");
        LeftOut((_, path) => new LogitsReaderRefusalTests.Draft { Targets = [1, 0], Changes = other, Logits = [[1, float.NaN], [3, 4]] }
            .Write(path), "NaN for class dog");
        LeftOut((_, path) => new LogitsReaderRefusalTests.Draft { LogitsName = "logit" }.Write(path), "sketchflow logits import");
        LeftOut((_, path) => File.WriteAllBytes(path, File.ReadAllBytes(path.Replace("s.parquet", "r.parquet", StringComparison.Ordinal))[..^40]), "truncated");
        LeftOut(
            (_, path) => TableFixtures.Write(
                path, TableFixtures.Table(2, 3, 1, "s") is var t ? t with { Metadata = t.Metadata with { Dataset = "d" } } : null!),
            "classes", false);
    }

    [Fact]
    public void The_program_refuses_a_data_set_without_validation_logits_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        var train = folder["logits/d/train"];
        Directory.CreateDirectory(train);
        new LogitsReaderRefusalTests.Draft { Targets = [1, 0] }.Write(Path.Combine(train, "r.parquet"));
        var before = folder.Entries;
        var answer = ProgramRunner.Run(folder.Root, "ensemble");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("no validation logits", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer.Error.Trim());
        Assert.Equal(before, folder.Entries);
    }
}

using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Compatibility;

/// <summary>Runs, resume files, logits tables, ensemble files and sweep journals of commit 5dfa5fc are read by today's program.</summary>
public sealed class CompatibilityTests : IDisposable
{
    /// <summary>Folder that the old files name; the tests replace it by their own.</summary>
    private const string OldRoot = "/tmp/sketchflow-old";

    private static readonly string Fixtures = Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "Compatibility", "5dfa5fc");

    private readonly TemporaryFolder _folder = new();

    public CompatibilityTests()
    {
        foreach (var archive in (string[])["runs.zip", "results.zip"])
        {
            ZipFile.ExtractToDirectory(Path.Combine(Fixtures, archive), Artifacts);
        }

        foreach (var file in _folder.Entries.Where(f => f.EndsWith(".yaml", StringComparison.Ordinal) || f.EndsWith(".jsonl", StringComparison.Ordinal)))
        {
            File.WriteAllText(file, File.ReadAllText(file).Replace(OldRoot, _folder.Root, StringComparison.Ordinal));
        }

        Done(Run("data", "doodles", "--classes", "3", "--train", "8", "--test", "4", "--out", Data));
    }

    private string Artifacts => _folder["a"];

    private string Data => _folder["data/tiny"];

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 300_000)]
    [InlineData("one", "one")]
    [InlineData("two", "two")]
    [InlineData("folds", "folds.fold-0")]
    public async Task An_old_run_predicts_the_logits_and_the_submission_that_the_old_program_wrote(string run, string table)
    {
        await Task.Yield();
        string[] tables = [.. ((string[])["val", "test"]).Select(split => Path.Combine(Artifacts, "logits", "tiny", split, table + ".parquet"))];
        var before = tables.Select(p => LogitsReader.Read(p)).ToList();
        var submission = File.ReadAllText(Path.Combine(Artifacts, "submissions", run + ".csv"));
        tables.ToList().ForEach(File.Delete);

        // In float32, also on a CPU for which auto means bfloat16.
        Done(Run("predict", "--run", run, "--data", Data, "--device", "cpu", "--amp", "off"));

        foreach (var (was, path) in before.Zip(tables))
        {
            var now = LogitsReader.Read(path);
            Assert.Equal(was.Ids.ToArray(), now.Ids.ToArray());
            Assert.Equal(was.Targets.ToArray(), now.Targets.ToArray());
            Assert.Equal(was.Metadata.ClassNames, now.Metadata.ClassNames);
            Assert.Equal(was.Metadata.CheckpointSha256, now.Metadata.CheckpointSha256);
            Assert.All(was.Logits.ToArray().Zip(now.Logits.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        Assert.Equal(submission, File.ReadAllText(Path.Combine(Artifacts, "submissions", "tiny", run + ".csv")));
    }

    [Fact(Timeout = 300_000)]
    public async Task A_run_that_the_old_program_left_in_the_middle_continues_after_its_last_checkpoint()
    {
        await Task.Yield();
        var answer = Run("train", "--run", "stopped", "--resume");
        Done(answer);
        Assert.DoesNotContain("epoch 2:", answer.Output, StringComparison.Ordinal);
        Assert.Contains("epoch 3:", answer.Output, StringComparison.Ordinal);
        var expected = Rows(Path.Combine(Fixtures, "stopped-resumed-metrics.csv"));
        var actual = Rows(Path.Combine(Artifacts, "runs", "stopped", "metrics.csv"));
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (want, got) in expected.Skip(1).Zip(actual.Skip(1)))
        {
            // Other CPUs add in another order: losses may differ in the last digits, rates and epochs may not.
            Assert.Equal(want[..2], got[..2]);
            var losses = Enumerable.Range(0, want.Length).Where(c => expected[0][c].EndsWith("loss", StringComparison.Ordinal) && want[c].Length > 0);
            Assert.All(losses, c => Assert.Equal(Number(want[c]), Number(got[c]), 5e-3));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task An_old_ensemble_file_makes_the_same_submission_from_the_old_tables()
    {
        await Task.Yield();
        var submission = Path.Combine(Artifacts, "submissions", "ensemble-tiny.csv");
        var before = File.ReadAllText(submission);
        Done(Run("ensemble", "--from", "ensemble-tiny", "--data", Data));
        Assert.Equal(before, File.ReadAllText(Path.Combine(Artifacts, "submissions", "tiny", "ensemble-tiny.csv")));
    }

    [Fact(Timeout = 300_000)]
    public async Task Old_logits_tables_are_evaluated_to_the_numbers_of_the_old_program()
    {
        await Task.Yield();
        var answer = Run("evaluate", "--run", "one", "--data", Data, "--json");
        Done(answer);
        using var json = JsonDocument.Parse(answer.LastLine);
        double Value(string key) => json.RootElement.GetProperty(key).GetDouble();
        Assert.Equal(6, Value("rows"));
        Assert.Equal(0.16666666666666666, Value("top1"));
        Assert.Equal(1.1798532789719671, Value("log_loss"), 1e-12);
        Assert.Equal(0.1111111111111111, Value("macro_f1"), 1e-12);
        Assert.Equal(0.21818591905059864, Value("ece"), 1e-12);
        Assert.Equal(0.7191171812759442, Value("brier"), 1e-12);
    }

    [Fact(Timeout = 300_000)]
    public async Task An_old_sweep_is_complete_and_no_trial_of_it_runs_again()
    {
        await Task.Yield();
        var table = File.ReadAllText(Path.Combine(Artifacts, "sweeps", "sweep", "table.csv"));
        var answer = Run(
            "sweep", Path.Combine(Artifacts, "sweeps", "sweep", "sweep.yaml"), "--name", "sweep", "--model", "test_convnext", "--data", Data,
            "--device", "cpu", "--epochs", "1",
            "--set", "image_size=32", "--set", "batch_size=4", "--set", "threads=1", "--set", "workers=1",
            "--set", "finetune.frozen_groups=99", "--set", "data.validation=0.25");
        Done(answer);
        Assert.DoesNotContain("epoch 1:", answer.Output, StringComparison.Ordinal);
        Assert.Equal(table, File.ReadAllText(Path.Combine(Artifacts, "sweeps", "sweep", "table.csv")));
    }

    [Fact(Timeout = 300_000)]
    public async Task Old_runs_are_listed_with_their_recipes_and_metrics()
    {
        await Task.Yield();
        var answer = Run("runs", "--columns", "run,val_accuracy,loss.kind,optimizer.kind");
        Done(answer);
        Assert.All((string[])["one", "two", "folds", "stopped", "sweep-001"], run => Assert.Contains(run, answer.Output, StringComparison.Ordinal));
        Assert.Matches(@"(?m)^run\W+val_accuracy\W+loss\.kind\W+optimizer\.kind$", answer.Output);
        Assert.Matches(@"(?m)^two\W+50\.00 %\W+focal\W+sgd$", answer.Output);
    }

    private static void Done(ProgramResult answer) => Assert.True(answer.ExitCode == 0, answer.ToString());

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static List<string[]> Rows(string file) => [.. File.ReadAllLines(file).Select(line => line.Split(','))];

    private ProgramResult Run(params string[] arguments) => ProgramRunner.Run(Artifacts, arguments);
}

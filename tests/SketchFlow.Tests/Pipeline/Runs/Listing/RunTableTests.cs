using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Runs.Listing;

/// <summary>Four runs that consist of their files only, without any training.</summary>
public sealed class RunTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RunTableTests()
    {
        var plain = new Recipe { Epochs = 3 };
        Write("a", plain, 0.5, 0.7, 0.6);
        Write("b", plain with { Optimizer = plain.Optimizer with { LearningRate = 0.01 } }, 0.8);
        Write("c", plain with { BatchSize = 8, Seed = 2 });
        Write(Artifacts.Run("d").ForFold(0), plain, 0.4, 0.6);
        Write(Artifacts.Run("d").ForFold(1), plain, 0.8);
        Write("d", plain);
        File.WriteAllText(Path.Combine(_folder.Root, "runs", "d", "metrics.csv"), "");
    }

    private Artifacts Artifacts => new(_folder.Root);

    [Fact]
    public void Every_run_and_fold_is_a_row_with_its_best_epoch()
    {
        var rows = All();
        Assert.Equal(["a", "b", "c", "d", "d.fold-0", "d.fold-1"], rows.Select(r => r.Name).Order(StringComparer.Ordinal));
        var a = RunTable.Named(rows, "a");
        Assert.Equal((0.7, "2", "3", "3"), (a.Number("val_accuracy"), a.Cell("best_epoch"), a.Cell("epochs_done"), a.Cell("epochs")));
        Assert.Null(RunTable.Named(rows, "c").Number("val_accuracy"));
        Assert.Equal(0.7, RunTable.Named(rows, "d").Number("val_accuracy")!.Value, 1e-9);
        Assert.Contains("the nearest of ", Assert.Throws<RefusalException>(() => RunTable.Named(rows, "e")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preset_with_its_preparation_is_one_change()
    {
        var plain = RecipeFile.Load(RecipeFile.Find("resnet18"), []);
        Write("own", plain with { Preparation = plain.Preparation with { Mean = [0.8, 0.8, 0.8], Std = [0.1, 0.1, 0.1] } });
        Write("preset", RecipeFile.Load(RecipeFile.Find("resnet18"), ["augmentation=randaugment"]));
        Write("wider", RecipeFile.Load(RecipeFile.Find("resnet18"), ["augmentation=randaugment", "preparation.fit=letterbox"]));
        var rows = All();
        string[] Keys(string first, string second) =>
            [.. RunTable.Changes(RunTable.Named(rows, first), RunTable.Named(rows, second)).Select(c => c.Key)];

        Assert.Equal(["augmentation"], Keys("own", "preset"));
        Assert.Equal(["preparation.fit"], Keys("preset", "wider"));
        Assert.Equal("randaugment", RunTable.PresetOf(RunTable.Named(rows, "preset")));
        Assert.Null(RunTable.PresetOf(RunTable.Named(rows, "own")));
    }

    [Theory]
    [InlineData("val_accuracy>0.7", "b,d.fold-1")]
    [InlineData("val_accuracy >= 0.7", "a,b,d,d.fold-1")]
    [InlineData("optimizer.learning_rate=0.01", "b")]
    [InlineData("optimizer.learning_rate=1e-2", "b")]
    [InlineData("optimizer.learning_rate!=0.01", "a,c,d,d.fold-0,d.fold-1")]
    [InlineData("architecture~RESNET", "a,b,c,d,d.fold-0,d.fold-1")]
    [InlineData("run=c", "c")]
    [InlineData("batch_size<9", "c")]
    public void Filters_compare_numbers_or_text(string condition, string names) =>
        Assert.Equal(names, string.Join(',', RunTable.Where(All(), [condition]).Select(r => r.Name).Order(StringComparer.Ordinal)));

    [Fact]
    public void Sorting_puts_the_largest_first_with_a_minus_and_runs_without_a_value_last()
    {
        var sorted = RunTable.Sorted(RunTable.Sorted(All(), "run"), "-val_accuracy");
        Assert.Equal(["b", "d.fold-1", "a", "d", "d.fold-0", "c"], Names(sorted, tied: ["b", "d.fold-1"]));
        Assert.Equal("d.fold-0", RunTable.Sorted(All(), "val_accuracy")[0].Name);
        Assert.Equal("c", RunTable.Sorted(All(), "val_accuracy")[^1].Name);
        Assert.Contains("val_loss", Assert.Throws<UsageException>(() => RunTable.Sorted(All(), "beauty")).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => RunTable.Where(All(), ["val_accuracy"]));
        Assert.Throws<UsageException>(() => RunTable.Where(All(), ["val_accuracy>>0.7"]));
    }

    [Fact]
    public void Changes_are_the_recipe_keys_whose_values_differ()
    {
        var rows = All();
        var change = Assert.Single(RunTable.Changes(RunTable.Named(rows, "a"), RunTable.Named(rows, "b")));
        Assert.Equal("optimizer.learning_rate 0.001 -> 0.01", change.ToString());
        Assert.Equal(["batch_size", "seed"], RunTable.Changes(RunTable.Named(rows, "a"), RunTable.Named(rows, "c")).Select(c => c.Key));
        Assert.Empty(RunTable.Changes(RunTable.Named(rows, "a"), RunTable.Named(rows, "a")));
    }

    [Fact]
    public void Metrics_of_other_validation_images_are_not_called_better_or_worse()
    {
        Write("e", new Recipe { Epochs = 3, Data = new() { SplitSeed = 7 } }, 0.9);
        var rows = All();
        Assert.Empty(RunTable.SplitChanges(RunTable.Named(rows, "a"), RunTable.Named(rows, "b")));
        Assert.Equal(["data.split_seed"], RunTable.SplitChanges(RunTable.Named(rows, "a"), RunTable.Named(rows, "e")));
        var other = ProgramRunner.Run(_folder.Root, "runs", "a", "e").Output;
        Assert.Contains("Not the same validation images (data.split_seed)", other, StringComparison.Ordinal);
        Assert.DoesNotContain("(better)", other, StringComparison.Ordinal);
        Assert.Contains("(better)", ProgramRunner.Run(_folder.Root, "runs", "a", "b").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_follow_from_a_change_are_not_counted()
    {
        var one = Flat("resnet18", "preparation.mean=[0.9,0.9,0.9]", "preparation.std=[0.1,0.1,0.1]", "seed=1");
        var two = Flat("resnet18", "preparation.mean=[0.8,0.8,0.8]", "preparation.std=[0.2,0.2,0.2]", "seed=2");
        Assert.Equal(["seed"], RunTable.Changes(one, two).Select(c => c.Key));
        // The recipe of another architecture has other settings; the user changed the model and the batch size.
        var other = Flat("convnext_atto", "batch_size=7");
        Assert.Equal(["architecture", "batch_size"], RunTable.Changes(Flat("resnet18"), other).Select(c => c.Key).Except(["seed"]));

        static RunRow Flat(string recipe, params string[] set) => new(
            recipe, new RunFolder(recipe), RecipeKeys.Flatten(RecipeFile.Load(RecipeFile.Find(recipe), set)), new Dictionary<string, double>(),
            new Dictionary<string, string>());
    }

    [Fact]
    public void Runs_without_changes_say_what_else_differs()
    {
        var plain = new Recipe { Epochs = 3 };
        Write("e", plain with { Workers = 3, Threads = 2 }, 0.7);
        Write("soup", plain, 0.7);
        _folder.With("runs/soup/soup.json", """
            {"kind": "Greedy", "statistics": "none", "batches": 1, "ingredients": [
              {"run": "a", "file": "a", "sha256": "", "validation_accuracy": 0.7, "validation_loss": null, "kept": true},
              {"run": "b", "file": "b", "sha256": "", "validation_accuracy": 0.6, "validation_loss": 0.3, "kept": false}]}
            """);
        _folder.With("runs/c/soup.json", "{");
        var rows = All();
        Assert.Equal(["workers", "threads"], RunTable.MachineChanges(RunTable.Named(rows, "a"), RunTable.Named(rows, "e")));
        Assert.Equal("a", RunTable.Named(rows, "soup").Cell(RunTable.SoupColumn));
        Assert.Null(RunTable.Named(rows, "c").Cell(RunTable.SoupColumn));
        var one = ProgramRunner.Run(_folder.Root, "runs", "a").Output;
        Assert.Matches(@"(?m)^e .* 0  \(workers, threads differ\)$", one);
        Assert.Matches(@"(?m)^soup .* 0  soup of a$", one);
        Assert.Contains(
            "No setting was changed, only workers, threads: the differences are random or due to rounding.",
            ProgramRunner.Run(_folder.Root, "runs", "a", "e").Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^best epoch  +a \(epoch 2\)  +e \(epoch 1\)  +difference$", ProgramRunner.Run(_folder.Root, "runs", "a", "e").Output);
    }

    [Theory]
    [InlineData("val_accuracy", 0.5, "50.00 %", "+50.00 points (better)")]
    [InlineData("val_loss", 0.5, "0.5000", "+0.5000 (worse)")]
    [InlineData("train_loss", 0.5, "0.5000", "+0.5000")]
    [InlineData("val_seconds", 0.6322, "0.6 s", "+0.6 s")]
    [InlineData("images_per_second", 132.6419, "133", "+133")]
    [InlineData("learning_rate", 0.00000012, "1.2e-7", "+1.2e-7")]
    public void Values_have_no_more_digits_than_mean_something(string column, double value, string text, string judged) =>
        Assert.Equal((text, judged), (MetricText.Of(column, value), MetricText.Judged(column, value)));

    [Fact]
    public void A_narrow_terminal_leaves_out_what_is_equal_in_all_rows()
    {
        Dictionary<string, string> narrow = new(StringComparer.Ordinal) { ["COLUMNS"] = "80" };
        var list = ProgramRunner.RunWithEnvironment(_folder.Root, narrow, null, "runs").Output;
        Assert.DoesNotContain("doodles", list, StringComparison.Ordinal);
        Assert.Contains("(wider terminal, or --columns", list, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_cannot_be_read_is_reported_and_the_others_are_listed()
    {
        _folder.With("runs/broken/recipe.yaml", "arkitecture: x\n");
        var said = new List<string>();
        Assert.Equal(6, RunTable.All(Artifacts, said.Add).Count);
        Assert.Contains("broken", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_lists_compares_and_prints_JSON_and_CSV()
    {
        var list = ProgramRunner.Run(
            _folder.Root,
            "runs", "--sort", "-val_accuracy", "--columns", "run,val_accuracy,optimizer.learning_rate", "--filter", "val_accuracy>0.65", "--json");
        Assert.True(list.ExitCode == 0, list.ToString());
        using (var json = JsonDocument.Parse(list.LastLine))
        {
            Assert.Equal(4, json.RootElement.GetArrayLength());
            Assert.Equal(0.8, json.RootElement[0].GetProperty("val_accuracy").GetDouble());
        }

        var csv = ProgramRunner.Run(_folder.Root, "runs", "--csv", "--columns", "run,epochs_done", "--sort", "run", "--limit", "2");
        Assert.Equal("run,epochs_done\na,3\nb,1", csv.Output.Trim());
        foreach (var arguments in new string[][] { ["runs", "a", "b", "--json"], ["runs", "diff", "a", "b", "--json"] })
        {
            var diff = ProgramRunner.Run(_folder.Root, arguments);
            Assert.Contains("One change: optimizer.learning_rate 0.001 -> 0.01", diff.Output, StringComparison.Ordinal);
            using var json = JsonDocument.Parse(diff.LastLine);
            Assert.Equal(0.1, json.RootElement.GetProperty("metrics").GetProperty("val_accuracy")[2].GetDouble(), 1e-9);
        }

        var one = ProgramRunner.Run(_folder.Root, "runs", "b", "--json");
        Assert.Contains("differ least", one.Output, StringComparison.Ordinal);
        Assert.Contains("learning_rate (last step)", one.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^best epoch \(1\) +value", one.Output);
        Assert.Matches(@"(?m)^a  +\+10\.00 points  +-0\.1000 \(better\)  +1  optimizer", one.Output);
        var unknown = ProgramRunner.Run(_folder.Root, "runs", "nobody");
        Assert.Equal(1, unknown.ExitCode);
        var sync = ProgramRunner.Run(_folder.Root, "runs", "sync", "a", "--track", $"mlflow:{Path.Combine(_folder.Root, "mlruns")}");
        Assert.True(sync.ExitCode == 0, sync.ToString());
        var metric = Directory.GetFiles(Path.Combine(_folder.Root, "mlruns"), "val_accuracy", SearchOption.AllDirectories).Single();
        Assert.Equal(3, File.ReadAllLines(metric).Length);
    }

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<RunRow> All() => RunTable.All(Artifacts, line => Assert.Fail(line));

    // The order of tied rows is not defined, so they are sorted by name.
    private static IEnumerable<string> Names(IReadOnlyList<RunRow> rows, string[] tied) =>
        [.. rows.Take(tied.Length).Select(r => r.Name).Order(StringComparer.Ordinal), .. rows.Skip(tied.Length).Select(r => r.Name)];

    private void Write(string run, Recipe recipe, params double[] accuracies) => Write(Artifacts.Run(run), recipe, accuracies);

    private static void Write(RunFolder folder, Recipe recipe, params double[] accuracies)
    {
        WholeFile.WriteText(folder.Recipe, RecipeFile.Write(recipe));
        EpochMetrics.Write(folder.Metrics, accuracies.Select((a, i) => new EpochMetrics { Epoch = i + 1, ValidationAccuracy = a, ValidationLoss = 1 - a }));
    }
}

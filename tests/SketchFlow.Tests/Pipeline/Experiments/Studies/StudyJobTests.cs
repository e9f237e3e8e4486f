using System.Globalization;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Experiments.Studies;

/// <summary>Tests studies with simulated trainings; <see cref="StudyProgramTests"/> has real ones.</summary>
public sealed class StudyJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _trained = [];

    private Artifacts Artifacts => new(_folder.Root);

    private string Markdown => Path.Combine(_folder.Root, "t.md");

    private string Csv => Path.Combine(_folder.Root, "t.csv");

    [Fact]
    public void A_study_trains_each_setting_once_and_writes_both_tables()
    {
        var done = Run(Settings("a", "b"));
        Assert.Equal(["a", "b"], _trained);
        Assert.Equal(done.Markdown(), File.ReadAllText(Markdown));
        Assert.Equal(done.Rows, StudyTable.Read(Csv));
        Assert.Equal(done.Rows, Run(Settings("a", "b")).Rows);
        Assert.Equal(["a", "b"], _trained);
    }

    [Fact]
    public void Another_recipe_under_the_same_name_is_trained_and_another_description_is_not()
    {
        Run(Settings("a", "b"));
        Run([.. Settings("a").Select(s => s with { Recipe = s.Recipe with { Description = "other words" } }), new("b", new Recipe { Epochs = 99 })]);
        Assert.Equal(["a", "b", "b"], _trained);
    }

    [Fact]
    public void A_study_of_commit_5dfa5fc_continues_and_only_changed_recipes_are_trained_again()
    {
        var runs = Path.Combine(Repository.Root, "tests", "SketchFlow.Tests", "Compatibility", "5dfa5fc", "runs.zip");
        ZipFile.ExtractToDirectory(runs, _folder.Root);
        Recipe Old(string run) => Artifacts.Run(run).Read();
        // The fingerprints are of the recipes as that version wrote them, with the keys of all kinds.
        File.WriteAllText(Csv, """
            setting,seed,says,val_loss,val_accuracy,seconds,epochs,state,run,recipe,reason
            a,1,,1.25,0.5,61.0,3,finished,one,0123456789abcdef,
            b,1,,1.5,0.25,50.0,3,finished,two,123456789abcdef0,
            c,1,,,,0.0,0,begun,stopped,23456789abcdef01,
            d,1,,,,0.0,0,begun,absent,3456789abcdef012,

            """);
        var one = Old("one");
        StudySetting[] settings =
        [
            // What the start of a run determines is open in a recipe.
            new("a", one with { Description = "new", Threads = 0, Preparation = one.Preparation with { Mean = null, Std = null } }),
            new("b", Old("two") with { Epochs = Old("two").Epochs + 1 }),
            new("c", Old("stopped")),
            new("d", Old("one")),
        ];
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        var done = Run(settings, (s, f) =>
        {
            folders[s.Name] = f.Name;
            return Report(0.75);
        });
        Assert.Equal(["b", "c", "d"], _trained);
        Assert.Equal((1.25, 0.5, "one"), (done.Rows[0].ValidationLoss, done.Rows[0].ValidationAccuracy, done.Rows[0].Run));
        Assert.Equal("stopped", folders["c"]);
        Assert.NotEqual("two", folders["b"]);
        // The table has today's fingerprints now.
        Assert.Equal(settings.Select(s => s.Fingerprint), StudyTable.Read(Csv).Select(r => r.Recipe));
        Assert.False(settings[1].IsRecipeOf(Old("two")));
        Assert.False(settings[0].IsRecipeOf(one with { Seed = 2 }));
        Assert.False(new StudySetting("a", one with { Threads = 7 }).IsRecipeOf(one));
    }

    [Fact]
    public void An_interrupted_setting_resumes_in_its_own_run()
    {
        Assert.Throws<OperationCanceledException>(() => Run(
            Settings("a", "b", "c"), (s, _) => s.Name == "b" ? throw new OperationCanceledException() : Report(0.5)));
        Assert.Equal([("a", StudyState.Finished), ("b", StudyState.Begun)], StudyTable.Read(Csv).Select(r => (r.Setting, r.State)));
        var begun = StudyTable.Read(Csv)[1].Run;
        var folders = new List<string>();
        var done = Run(Settings("a", "b", "c"), (s, f) =>
        {
            folders.Add(f.Name);
            return Report(0.5);
        });
        Assert.Equal(begun, folders[0]);
        Assert.NotEqual(begun, folders[1]);
        Assert.All(done.Rows, r => Assert.Equal(StudyState.Finished, r.State));
    }

    [Fact]
    public void Rows_of_settings_not_reached_yet_survive_another_interruption()
    {
        Run(Settings("a", "b"));
        Assert.Throws<OperationCanceledException>(() => Run(Settings("c", "b"), (_, _) => throw new OperationCanceledException()));
        Assert.Equal(["c", "b"], StudyTable.Read(Csv).Select(r => r.Setting));
    }

    [Fact]
    public void A_setting_that_fails_becomes_a_row_with_the_reason_and_is_tried_again()
    {
        var done = Run(Settings("a", "b", "c", "d"), (s, _) => s.Name switch
        {
            "a" => throw new RefusalException("CUDA out of\nmemory"),
            "b" => Report(0.5) with { End = RunEnd.Failed, Reason = "not finite" },
            "c" => Report(0.5, double.NaN),
            _ => Report(0.5),
        });
        Assert.Equal(["CUDA out of memory", "not finite", "the validation loss is not finite", ""], done.Rows.Select(r => r.Reason));
        Assert.Contains("| a | failed: CUDA out of memory |", done.Markdown(), StringComparison.Ordinal);
        var runs = done.Rows.Select(r => r.Run).ToList();
        _trained.Clear();
        var again = Run(Settings("a", "b", "c", "d"));
        Assert.Equal(["a", "b", "c"], _trained);
        Assert.DoesNotContain(again.Rows[0].Run, runs);
        Assert.All(again.Rows, r => Assert.Equal(StudyState.Finished, r.State));
    }

    [Fact]
    public void If_no_setting_can_be_trained_the_first_reason_is_reported()
    {
        var refusal = Assert.Throws<RefusalException>(() => Run(Settings("a", "b"), (_, _) => throw new InvalidOperationException("no memory")));
        Assert.Contains("a: no memory", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("a occurs 2 times", Assert.Throws<UsageException>(() => Run(Settings("a", "a"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_averaged_weights_are_the_result_if_they_are_better()
    {
        var done = Run(Settings("a"), (_, _) =>
        {
            var row = new EpochMetrics
            {
                Epoch = 1,
                ValidationLoss = 2,
                ValidationAccuracy = 0.25,
                AverageLoss = 1,
                AverageAccuracy = 0.75,
                AverageTop5 = 1,
                AverageMacroF1 = 0.75,
            };
            return new TrainReport([row], [], row, [], RunEnd.Complete, null);
        });
        Assert.Equal((1, 0.75), (done.Rows[0].ValidationLoss, done.Rows[0].ValidationAccuracy));
    }

    [Fact]
    public void The_table_has_the_columns_of_the_report_and_the_best_accuracy_in_bold()
    {
        var table = new StudyTable { Rows = [Row("none", 1.25, 0.5, 61), Row("sketch", 1, 0.75, 90061.25)] };
        Assert.Equal(
            """
            | setting | validation loss | validation accuracy % | time |
            | --- | --- | --- | --- |
            | none | 1.2500 | 50.00 | 00:01:01 |
            | sketch | 1.0000 | **75.00** | 25:01:01 |

            """,
            table.Markdown());
        Assert.Equal(
            "setting,seed,says,val_loss,val_accuracy,seconds,epochs,state,run,recipe,reason\n"
            + "none,1,,1.25,0.5,61.0,2,finished,,,\nsketch,1,,1,0.75,90061.3,2,finished,,,\n",
            table.Csv());
    }

    [Fact]
    public void A_study_of_changes_prints_differences_to_the_base_and_a_bound_on_random_ones()
    {
        var table = new StudyTable
        {
            DetailHeader = "what is set",
            BaseSetting = "base",
            ValidationImages = 200,
            Rows = [Row("base", 1.25, 0.5, 1), Row("EMA", 1, 0.625, 1) with { Detail = "ema.decay=0.9 | x" }, Row("c", 1.25, 0.375, 1)],
        };
        Assert.Equal(
            """
            | setting | what is set | validation loss | validation accuracy % | loss - base | accuracy - base, points | time |
            | --- | --- | --- | --- | --- | --- | --- |
            | base |  | 1.2500 | 50.00 | base | base | 00:00:01 |
            | EMA | ema.decay=0.9 \| x | 1.0000 | **62.50** | -0.2500 | +12.50 | 00:00:01 |
            | c |  | 1.2500 | 37.50 | 0 | -12.50 | 00:00:01 |

            200 validation images, one seed: accuracies less than 9.6 points apart may differ by chance.

            """,
            table.Markdown());
    }

    [Fact]
    public void With_all_images_right_one_more_or_less_is_still_random()
    {
        var table = new StudyTable { ValidationImages = 288, Rows = [Row("a", 0.1, 1, 1), Row("b", 0.1, 0.9, 1)] };
        // Shares of 289 in 290: 200 sqrt(2 (289/290) (1/290) / 290).
        Assert.Contains("less than 1.0 points apart", table.Markdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void With_several_seeds_the_table_has_means_deviations_and_paired_differences()
    {
        StudyRow Seed(string name, long seed, double loss, double accuracy) => Row(name, loss, accuracy, 60 * seed) with { Seed = seed };
        var table = new StudyTable
        {
            BaseSetting = "base",
            ValidationImages = 200,
            Rows =
            [
                Seed("base", 1, 1, 0.5), Seed("sketch", 1, 0.5, 0.75),
                new("late", 1, "", StudyState.Begun), Seed("base", 2, 2, 0.7), Seed("sketch", 2, 0.5, 0.85),
                Row("once", 1, 0.6, 1) with { Seed = 2 }, new("none", 2, "", StudyState.Failed) { Reason = "memory" },
            ],
        };
        Assert.Equal(
            """
            | setting | validation loss | validation accuracy % | loss - base | accuracy - base, points | time per seed |
            | --- | --- | --- | --- | --- | --- |
            | base | 1.5000 ± 0.7071 | 60.00 ± 14.14 | base | base | 00:01:30 |
            | sketch | 0.5000 ± 0.0000 | **80.00 ± 7.07** | -1.0000 ± 0.7071 | +20.00 ± 7.07 | 00:01:30 |
            | late | not finished |  |  |  |  |
            | once | 1.0000 | 60.00 (1 of 2 seeds) | -1.0000 | -10.00 | 00:00:01 |
            | none | failed: memory |  |  |  |  |


            """
            + "200 validation images, 2 seeds: mean ± standard deviation over the seeds. "
            + "Accuracies less than 8.0 points apart may differ by chance of the images, less than 22.4 by chance of the seeds.\n",
            table.Markdown());

        // Only one setting has a third seed: the bound is still that of two seeds. sqrt(2 / 2 (0.1414² + 0.05²) / 2) = 0.1061.
        var third = table with { Rows = [.. table.Rows, Seed("sketch", 3, 0.5, 0.8)] };
        Assert.EndsWith("less than 21.2 by chance of the seeds.\n", third.Markdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void With_seeds_a_study_trains_each_setting_once_per_seed_on_one_split_and_resumes()
    {
        var ownSeed = new DataRecipe { SplitSeed = null };
        var settings = StudySetting.WithSeeds(
            [new("a", new Recipe { Seed = 9, Data = ownSeed }), new("b", new Recipe { Seed = 9, Epochs = 3, Data = ownSeed })], [4, 5]);
        Assert.Equal([("a", 4L), ("b", 4L), ("a", 5L), ("b", 5L)], settings.Select(s => (s.Name, s.Recipe.Seed)));
        Assert.All(settings, s => Assert.Equal(9, s.Recipe.Data.SplitSeed));
        Assert.Equal([1L, 1L], StudySetting.WithSeeds([new("a", new Recipe())], [1, 2]).Select(s => s.Recipe.Data.SplitSeed));
        Assert.Throws<OperationCanceledException>(() => Run(
            settings, (s, _) => s is { Name: "b", Recipe.Seed: 5 } ? throw new OperationCanceledException() : Report(0.5)));
        Assert.Equal(4, Run(settings).Rows.Count(r => r.State == StudyState.Finished));
        Assert.Equal(["a", "b", "a", "b", "b"], _trained);
        var refusal = Assert.Throws<UsageException>(() => Run(StudySetting.WithSeeds([new("a", new Recipe())], [4, 4])));
        Assert.Contains("a occurs 2 times with seed 4", refusal.Message, StringComparison.Ordinal);
        Assert.Same(settings, StudySetting.WithSeeds(settings, []));
    }

    [Fact]
    public void Every_table_is_read_back_from_its_file()
    {
        var texts = Gen.Elements("", "a", "focal, label smoothing", "say \"x\"", "x=[1, 2];y=3", "é");
        var rows = from setting in texts
                   from says in texts
                   from reason in texts
                   from state in Gen.Elements(Enum.GetValues<StudyState>())
                   from loss in Gen.Choose(0, 1_000_000)
                   from seed in Gen.Choose(0, 9)
                   select new StudyRow(setting, seed, says, state, "run-1", "0123")
                   {
                       ValidationLoss = state == StudyState.Begun ? null : loss / 3.0,
                       ValidationAccuracy = loss / 1e6,
                       Time = TimeSpan.FromSeconds(loss / 2),
                       Epochs = loss,
                       Reason = reason,
                   };
        Prop.ForAll(rows.ListOf().ToArbitrary(), list =>
        {
            File.WriteAllText(Csv, new StudyTable { Rows = [.. list] }.Csv());
            Assert.Equal(list, StudyTable.Read(Csv));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("setting,val_loss\na,1\n")]
    [InlineData("")]
    [InlineData("setting,says,val_loss,val_accuracy,seconds,epochs,state,run,recipe,reason\na,,1,1,1,1,finished,,,\n")]
    [InlineData("setting,seed,says,val_loss,val_accuracy,seconds,epochs,state,run,recipe,reason\na,1,,1,1,1,1,unheard-of,,,\n")]
    public void A_table_of_another_kind_has_no_rows_for_a_study(string text)
    {
        File.WriteAllText(Csv, text);
        Assert.Empty(StudyTable.Read(Csv));
    }

    [Theory]
    [InlineData("ema.decay=0.9", "ema.decay=0.9", "ema.decay=0.9")]
    [InlineData("EMA: ema.decay=0.9; ema.warmup=false", "EMA", "ema.decay=0.9|ema.warmup=false")]
    [InlineData("loss={kind: focal}", "loss={kind: focal}", "loss={kind: focal}")]
    public void A_change_on_the_command_line_has_a_name_and_settings(string text, string name, string set)
    {
        var change = StudyChange.Parse(text);
        Assert.Equal((name, set), (change.Name, string.Join('|', change.Set)));
    }

    [Theory]
    [InlineData("ema.decay")]
    [InlineData("EMA: ")]
    [InlineData("")]
    public void A_change_that_sets_nothing_is_refused(string text) => Assert.Throws<UsageException>(() => StudyChange.Parse(text));

    [Theory]
    [InlineData("changes: {}", "has no changes")]
    [InlineData("- a", "a mapping with changes")]
    [InlineData("base: 3\nchanges: { a: { epochs: 2 } }", "base of")]
    [InlineData("change: { a: { epochs: 2 } }", "the keys are description, model, base, changes")]
    [InlineData("changes: { a: 3 }", "changes.a of")]
    public void A_file_that_is_not_a_study_is_refused_with_the_expected_form(string text, string sentence)
    {
        _folder.With("own.yaml", text);
        var refusal = Assert.Throws<UsageException>(() => StudyChanges.Read(Path.Combine(_folder.Root, "own.yaml")));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("losses, pacs", Assert.Throws<RefusalException>(() => StudyChanges.Read("nowhere")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("losses")]
    [InlineData("pacs")]
    public void The_built_in_studies_have_distinct_recipes(string name)
    {
        var plan = StudyChanges.Read(name);
        var file = RecipeFile.Find("resnet18");
        string[] recipes = [.. plan.Changes.Select(c => RecipeFile.Write(RecipeFile.Load(file, [.. plan.Base, .. c.Set])))];
        Assert.Distinct(recipes);
        // The losses have no base row, since the base and label smoothing 0.1 are the same recipe.
        Assert.Equal(name == "losses", recipes.Contains(RecipeFile.Write(RecipeFile.Load(file, plan.Base))));
    }

    [Fact]
    public void A_change_of_one_key_keeps_its_neighbours()
    {
        _folder.With("own.yaml", "changes: { a: { optimizer: { learning_rate: 0.5 }, augmentation: [], weights: null } }");
        Assert.Equal(
            ["optimizer.learning_rate=0.5", "augmentation=[]", "weights=null"],
            StudyChanges.Read(Path.Combine(_folder.Root, "own.yaml")).Changes[0].Set);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_model_of_the_study_is_built_at_its_image_size_or_a_near_one(bool cuda)
    {
        var models = StudyModels.For(cuda);
        Assert.NotEmpty(models.Set);
        var wanted = int.Parse(models.Set.Single(s => s.StartsWith("image_size=", StringComparison.Ordinal))[11..], CultureInfo.InvariantCulture);
        foreach (var name in models.Names)
        {
            var (file, own, _, _) = ModelName.Resolve(name, cuda);
            var setting = StudyModels.Setting(name, RecipeFile.Load(file, [.. own, .. models.Set]), 7);
            Assert.Equal(name, setting.Recipe.Architecture);
            Assert.InRange(setting.Recipe.ImageSize!.Value, wanted - 7, wanted + 7);
        }
    }

    [Fact]
    public void A_model_whose_patches_do_not_divide_the_image_size_gets_the_nearest_multiple()
    {
        var recipe = new Recipe { Architecture = "eva02_tiny_patch14_224", ImageSize = 128 };
        var setting = StudyModels.Setting("eva", recipe, 7);
        Assert.Equal(126, setting.Recipe.ImageSize);
        Assert.Contains("126 px", setting.Detail, StringComparison.Ordinal);
        Assert.Equal(140, StudyModels.Setting("eva", recipe with { ImageSize = 134 }, 7).Recipe.ImageSize);
    }

    [Property]
    public bool The_run_part_of_any_name_is_a_valid_file_name(NonNull<string> name) =>
        new StudySetting(name.Get, new Recipe()).RunPart is { Length: > 0 } part && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    public void Dispose() => _folder.Dispose();

    private static StudySetting[] Settings(params string[] names) => [.. names.Select(n => new StudySetting(n, new Recipe { Epochs = n[0] }))];

    private static StudyRow Row(string name, double loss, double accuracy, double seconds) =>
        new(name, 1, "", StudyState.Finished) { ValidationLoss = loss, ValidationAccuracy = accuracy, Time = TimeSpan.FromSeconds(seconds), Epochs = 2 };

    private static TrainReport Report(double accuracy, double loss = 1)
    {
        var row = new EpochMetrics { Epoch = 1, ValidationLoss = loss, ValidationAccuracy = accuracy };
        return new TrainReport([row], [new EpochTiming { Epoch = 1, TrainSeconds = 2, ValidationSeconds = 1 }], row, [], RunEnd.Complete, null);
    }

    private StudyTable Run(IReadOnlyList<StudySetting> settings, Func<StudySetting, RunFolder, TrainReport>? train = null) => new StudyJob(
        settings,
        s => Artifacts.Run(Artifacts.NewName(s.RunPart, "data")),
        (s, f, _) =>
        {
            _trained.Add(s.Name);
            Directory.CreateDirectory(f.Folder);
            return train?.Invoke(s, f) ?? Report(0.5);
        },
        _ => { }).Run(new StudyTable(), Markdown, Csv, Artifacts.Run, CancellationToken.None);
}

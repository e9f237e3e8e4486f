using SketchFlow.Imaging;
using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Samples;
using SketchFlow.Tests.Samples;

namespace SketchFlow.Tests.Pipeline;

/// <summary>Augmentation by name: in recipes, in runs, and in the study's table.</summary>
public sealed class AugmentationPresetTests
{
    private static string Base => Path.Combine(RecipeFile.Folder, "resnet18.yaml");

    public static TheoryData<string> Settings() => [.. AugmentationStudy.Settings];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_of_the_study_is_a_preset_that_loads_and_comes_back(string setting)
    {
        Assert.Contains(setting, RecipeFile.Presets);
        var recipe = RecipeFile.Load(Base, [$"augmentation={setting}"]);
        Assert.Equal(setting is "none" or "dataset-normalization" or "keep-ratio", recipe.Augmentation.IsEmpty);
        Assert.Equal(setting is "keep-ratio" or "sketch" ? Fit.Letterbox : Fit.Stretch, recipe.Preparation.Fit);
        using var folder = new TemporaryFolder().With("run.yaml", RecipeFile.Write(recipe));
        var back = RecipeFile.Load(Path.Combine(folder.Root, "run.yaml"), []);
        Assert.Equal(AugmentPlan.Compile(recipe.Augmentation).ToString(), AugmentPlan.Compile(back.Augmentation).ToString());
        Assert.Equal(recipe.Preparation, back.Preparation);
    }

    [Fact]
    public void A_preset_goes_over_the_recipe_and_the_command_line_over_the_preset()
    {
        using var folder = new TemporaryFolder().With("own.yaml", "architecture: resnet18\npreparation: { fit: centre_crop, growth: cubic }\naugmentation: none\n");
        var file = Path.Combine(folder.Root, "own.yaml");
        Assert.Equal((Fit.Stretch, Growth.Cubic), RecipeFile.Load(file, []).Preparation is var p ? (p.Fit, p.Growth) : default);
        Assert.Equal(Fit.Letterbox, RecipeFile.Load(file, ["preparation.fit=letterbox"]).Preparation.Fit);
        Assert.Equal("auto-augment(p=1)", AugmentPlan.Compile(RecipeFile.Load(file, ["augmentation=autoaugment"]).Augmentation).ToString());
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_the_known_ones() =>
        Assert.Contains("hflip-rotate-rbc", Assert.Throws<UsageException>(() => RecipeFile.Load(Base, ["augmentation=sketchy"])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_data_set_s_own_mean_goes_into_the_recipe_the_model_and_back()
    {
        using var folder = new TemporaryFolder();
        var data = DoodleSet(folder);
        var recipe = RecipeFile.Load(Base, ["augmentation=dataset-normalization", "image_size=32"]);
        var resolved = DataStatistics.Resolve(recipe, data, _ => { });
        var mean = resolved.Preparation.Mean!.Value;
        Assert.All(mean, m => Assert.InRange(m, 0.5, 0.999));
        Assert.Equal(mean, TrainFlow.Build(resolved, 2).Preprocessing.Mean);
        folder.With("run.yaml", RecipeFile.Write(resolved));
        var back = RecipeFile.Load(Path.Combine(folder.Root, "run.yaml"), []);
        Assert.Equal(mean, back.Preparation.Mean!.Value);
        Assert.Same(back, DataStatistics.Resolve(back, data, _ => Assert.Fail("counted twice")));
        Assert.Throws<UsageException>(() => RecipeFile.Load(Base, ["preparation.mean=[0.5, 0.5, 0.5]"]));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_study_trains_each_setting_and_writes_both_tables()
    {
        await Task.Yield();
        using var folder = new TemporaryFolder();
        var data = DoodleSet(folder);
        var (markdown, csv) = (Path.Combine(folder.Root, "t.md"), Path.Combine(folder.Root, "t.csv"));
        var trained = new List<string>();
        var study = new AugmentationStudy(
            setting => RecipeFile.Load(Base, [$"augmentation={setting}", "image_size=32", "epochs=1", "batch_size=8", "amp=off", "device=cpu"]),
            data,
            setting =>
            {
                trained.Add(setting);
                return new Artifacts(folder.Root).Run($"{setting}-{trained.Count}");
            },
            Device.Resolve("cpu"),
            _ => { });
        Assert.Throws<UsageException>(() => study.Run(["none", "misspelt"], markdown, csv, CancellationToken.None));
        Assert.False(File.Exists(csv));
        var rows = study.Run(["dataset-normalization", "sketch"], markdown, csv, CancellationToken.None);
        Assert.Equal(["dataset-normalization", "sketch"], rows.Select(r => r.Setting));
        Assert.Equal(AugmentationStudy.Csv(rows), File.ReadAllText(csv));
        Assert.Equal(AugmentationStudy.Markdown([.. rows]), File.ReadAllText(markdown));
        Assert.All(rows, r => Assert.True(double.IsFinite(r.ValidationLoss) && r.Epochs == 1));
        Assert.Equal(["dataset-normalization", "sketch"], trained);

        // Going on: what is in the table is not trained again, and a cancelled training leaves the others' rows.
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => study.Run(["sketch", "none"], markdown, csv, stop.Token));
        Assert.Equal(["dataset-normalization", "sketch", "none"], trained);
        Assert.Equal(["sketch"], AugmentationStudy.Read(csv).Select(r => r.Setting));
        var more = study.Run(["none", "sketch"], markdown, csv, CancellationToken.None);
        Assert.Equal(["dataset-normalization", "sketch", "none", "none"], trained);
        Assert.Equal((rows[1].ValidationLoss, rows[1].Run), (more[1].ValidationLoss, more[1].Run));
    }

    [Fact]
    public void The_table_has_the_report_s_columns_and_the_best_in_bold()
    {
        StudyRow[] rows = [new("none", 1.25, 0.5, TimeSpan.FromSeconds(61), 2), new("sketch", 1, 0.75, TimeSpan.FromSeconds(3661.25), 2)];
        Assert.Equal(
            "| setting | validation loss | validation accuracy % | time |\n| --- | --- | --- | --- |\n| none | 1.2500 | 50.00 | 00:01:01 |\n| sketch | 1.0000 | **75.00** | 01:01:01 |\n",
            AugmentationStudy.Markdown(rows));
        Assert.Equal("setting,val_loss,val_accuracy,seconds,epochs,run,recipe\nnone,1.25,0.5,61.0,2,,\nsketch,1,0.75,3661.3,2,,\n", AugmentationStudy.Csv(rows));
    }

    private static DataSet DoodleSet(TemporaryFolder folder)
    {
        var root = Path.Combine(folder.Root, "doodles");
        Doodles.Write(new DoodlesOptions { Classes = 2, TrainPerClass = 10, TestPerClass = 1 }, root);
        return DataSets.Open(root);
    }
}

using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Cli.Verbs.Studies;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

/// <summary>Augmentation by name: in recipes and in runs.</summary>
public sealed class AugmentationPresetTests
{
    private static string Base => RecipeFile.Find("resnet18");

    public static TheoryData<string> Settings() => [.. StudyAugmentationsVerb.ReportPresets];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_of_the_study_is_a_preset_that_loads_and_survives_writing(string setting)
    {
        Assert.Contains(setting, AugmentationPreset.Names);
        var recipe = RecipeFile.Load(Base, [$"augmentation={setting}"]);
        Assert.Equal(setting is "none" or "dataset-normalization" or "keep-ratio", recipe.Augmentation.IsEmpty);
        Assert.Equal(setting is "keep-ratio" ? ResizeMode.Letterbox : ResizeMode.Stretch, recipe.Preparation.Fit);
        using var folder = new TemporaryFolder().With("run.yaml", RecipeFile.Write(recipe));
        var back = RecipeFile.Load(Path.Combine(folder.Root, "run.yaml"), []);
        Assert.Equal(AugmentPlan.Compile(recipe.Augmentation).ToString(), AugmentPlan.Compile(back.Augmentation).ToString());
        Assert.Equal(recipe.Preparation, back.Preparation);
    }

    [Fact]
    public void A_preset_overrides_the_recipe_and_the_command_line_overrides_the_preset()
    {
        using var folder = new TemporaryFolder().With(
            "own.yaml", "architecture: resnet18\npreparation: { fit: centre_crop, growth: cubic }\naugmentation: none\n");
        var file = Path.Combine(folder.Root, "own.yaml");
        Assert.Equal((ResizeMode.Stretch, Upsampling.Cubic), RecipeFile.Load(file, []).Preparation is var p ? (p.Fit, p.Growth) : default);
        Assert.Equal(ResizeMode.Letterbox, RecipeFile.Load(file, ["preparation.fit=letterbox"]).Preparation.Fit);
        Assert.Equal("auto-augment(p=1)", AugmentPlan.Compile(RecipeFile.Load(file, ["augmentation=autoaugment"]).Augmentation).ToString());
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_the_known_ones() => Assert.Contains(
        "hflip-rotate-rbc", Assert.Throws<UsageException>(() => RecipeFile.Load(Base, ["augmentation=sketchy"])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_mean_of_the_data_set_is_written_into_the_recipe_and_reaches_the_model()
    {
        using var folder = new TemporaryFolder();
        var data = DoodleSet(folder);
        var recipe = RecipeFile.Load(Base, ["augmentation=dataset-normalization", "image_size=32"]);
        var resolved = DataStatistics.Resolve(recipe, data, SmallTraining.Context());
        var mean = resolved.Preparation.Mean!.Value;
        Assert.All(mean, m => Assert.InRange(m, 0.5, 0.999));
        Assert.Equal(mean, RecipeModel.Build(resolved, 2).Preprocessing.Mean);
        folder.With("run.yaml", RecipeFile.Write(resolved));
        var back = RecipeFile.Load(Path.Combine(folder.Root, "run.yaml"), []);
        Assert.Equal(mean, back.Preparation.Mean!.Value);
        Assert.Same(back, DataStatistics.Resolve(back, data, SmallTraining.Context(_ => Assert.Fail("counted twice"))));
        Assert.Throws<UsageException>(() => RecipeFile.Load(Base, ["preparation.mean=[0.5, 0.5, 0.5]"]));
    }

    private static DataSet DoodleSet(TemporaryFolder folder)
    {
        var root = Path.Combine(folder.Root, "doodles");
        DoodleGenerator.Write(new DoodlesOptions { Classes = 2, TrainPerClass = 10, TestPerClass = 1 }, root);
        return DataSetReader.Read(root);
    }
}

using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class PretrainedRecipeTests
{
    public static TheoryData<string, string, string, string, double> FinalSix => new()
    {
        { "eva_giant", "eva_giant_patch14_224.clip_ft_in1k", "adam", "step", 0 },
        { "eva02_large", "eva02_large_patch14_448.mim_m38m_ft_in22k_in1k", "adam", "step", 0.3 },
        { "eva02_large_ls", "eva02_large_patch14_448.mim_m38m_ft_in22k_in1k", "adamw", "step", 0.3 },
        { "convnext_xxlarge", "convnext_xxlarge.clip_laion2b_soup_ft_in1k", "adam", "step", 0.1 },
        { "regnety_1280", "regnety_1280.swag_ft_in1k", "adamw", "cosine", 0.1 },
        { "vit_huge", "vit_huge_patch14_clip_224.laion2b_ft_in12k_in1k", "adam", "step", 0 },
    };

    /// <summary>The report, 4.5.</summary>
    [Theory]
    [MemberData(nameof(FinalSix))]
    public void The_final_six_are_as_the_report_has_them(string name, string tag, string optimizer, string schedule, double smoothing)
    {
        var recipe = Load(name);
        Assert.Equal((tag, optimizer, schedule, smoothing), (recipe.Pretrained, recipe.Optimizer.Name, recipe.Schedule.Name, recipe.Loss.LabelSmoothing));
        Assert.Equal(name == "eva02_large" ? typeof(Focal) : typeof(CrossEntropy), recipe.Loss.GetType());
        Assert.Matches("^horizontal-flip.*rotate.*brightness-contrast", AugmentPlan.Compile(recipe.Augmentation).ToString());
        var known = Pretrained.Find(tag)!;
        Assert.Equal((known.InputSize, known.Model), (recipe.ImageSize!.Value, recipe.Architecture));
        Assert.Equal(known.Preprocessing.Mean, recipe.Preparation.Mean!.Value);
        Assert.Equal(known.Preprocessing.Mean, RecipeModel.Build(recipe, 500).Preprocessing.Mean);
    }

    [Theory]
    [InlineData("resnet18.a1_in1k", "resnet18", 0.001)]
    [InlineData("timm/resnet18.a1_in1k", "resnet18", 0.001)]
    [InlineData("hf-hub:timm/vit_small_patch16_224.augreg_in21k_ft_in1k", "vit_small_patch16_224", 0.00002)]
    [InlineData("convnext_xxlarge.clip_laion2b_soup_ft_in12k", "convnext_xxlarge", 0.00001)]
    public void A_model_with_a_tag_is_fine_tuned_from_its_weights(string name, string architecture, double rate)
    {
        var (file, set, run, sentence) = ModelName.Resolve(name, cuda: false);
        var recipe = RecipeFile.Load(file, set);
        Assert.Equal((architecture, architecture, rate), (recipe.Architecture, run, recipe.Optimizer.LearningRate));
        Assert.EndsWith(recipe.Pretrained!, name, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileNameWithoutExtension(file), sentence, StringComparison.Ordinal);
        Assert.Contains("timm/", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tags_preprocessing_is_used_where_the_recipe_sets_none()
    {
        using var folder = new TemporaryFolder()
            .With("a.yaml", "architecture: resnet18\npretrained: tv_in1k\n")
            .With(
                "b.yaml",
                "architecture: eva02_large_patch14_448\npretrained: default\nimage_size: 224\n"
                + "preparation: { fit: letterbox, mean: [0.9, 0.9, 0.9], std: [0.2, 0.2, 0.2] }\n")
            .With("c.yaml", "architecture: resnet18\npretrained: default\npreparation: { normalization: data_set }\n")
            .With("d.yaml", "architecture: resnet18\npretrained: nobody\n")
            .With("e.yaml", "architecture: resnet18\npretrained: resnet34.a1_in1k\n")
            .With("f.yaml", "architecture: resnetv2_152\npretrained: auto\n");
        Recipe At(string name, params string[] set) => RecipeFile.Load(Path.Combine(folder.Root, $"{name}.yaml"), set);
        var plain = At("a");
        Assert.Equal(("resnet18.tv_in1k", 224), (plain.Pretrained, plain.ImageSize));
        Assert.Equal(
            (ResizeMode.CentreCrop, Upsampling.Linear, 0.875), (plain.Preparation.Fit, plain.Preparation.Growth, plain.Preparation.CropPercent));
        Assert.Equal((160, 160), (At("a", "pretrained=a3_in1k").ImageSize, RecipeModel.Build(At("a", "pretrained=a3_in1k"), 7).InputSize));
        var set = At("a", "preparation.fit=stretch", "image_size=64");
        Assert.Equal((ResizeMode.Stretch, 64), (set.Preparation.Fit, set.ImageSize));
        var own = At("b");
        Assert.Equal((224, ResizeMode.Letterbox, Upsampling.Cubic), (own.ImageSize, own.Preparation.Fit, own.Preparation.Growth));
        Assert.Equal([0.9, 0.9, 0.9], own.Preparation.Mean!.Value);
        Assert.Null(At("c").Preparation.Mean);
        Assert.Contains("tv_in1k", Assert.Throws<RefusalException>(() => At("d")).Message, StringComparison.Ordinal);
        Assert.Contains("resnet34", Assert.Throws<RefusalException>(() => At("e")).Message, StringComparison.Ordinal);
        Assert.Equal(("auto", null), (At("f").Pretrained, At("f").ImageSize));
        Assert.Null(At("a", "pretrained=null").ImageSize);

        // Written in full, it is read back equal.
        folder.With("again.yaml", RecipeFile.Write(plain));
        Assert.Equal(RecipeFile.Write(plain), RecipeFile.Write(At("again")));
    }

    [Fact]
    public void Tags_that_do_not_exist_are_refused_with_those_that_do()
    {
        Assert.Contains("tv_in1k", Assert.Throws<RefusalException>(() => ModelName.Resolve("resnet18.nobody", cuda: false)).Message, StringComparison.Ordinal);
        Assert.Throws<RefusalException>(() => ModelName.Resolve("resnet1.a1_in1k", cuda: false));
    }

    [Fact]
    public void Asking_for_pretrained_weights_fine_tunes_an_architecture_and_keeps_a_recipe_that_has_its_own()
    {
        Assert.Equal("finetune", Path.GetFileNameWithoutExtension(ModelName.Resolve("resnet18", cuda: false, pretrained: true).File));
        Assert.Equal("finetune_large", Path.GetFileNameWithoutExtension(ModelName.Resolve("vit_tiny_patch16_224", cuda: false, pretrained: true).File));
        Assert.Equal("vit_huge", Path.GetFileNameWithoutExtension(ModelName.Resolve("vit_huge", cuda: false, pretrained: true).File));
        Assert.Equal("convnext_xxlarge", Path.GetFileNameWithoutExtension(ModelName.Resolve("convnext_xxlarge", cuda: false, pretrained: true).File));
        Assert.Equal("resnet18", Path.GetFileNameWithoutExtension(ModelName.Resolve("resnet18", cuda: false).File));
    }

    [Theory]
    [InlineData("resnet18", "finetune")]
    [InlineData("vit_tiny_patch16_224", "finetune_large")]
    [InlineData("vit_huge", "vit_huge")]
    [InlineData("scratch", "scratch")]
    public void Weights_of_a_file_take_the_same_recipe_as_pretrained_weights_and_the_sentence_says_which_and_why(string name, string recipe)
    {
        var (pretrained, file) = (ModelName.Resolve(name, cuda: false, pretrained: true), ModelName.Resolve(name, cuda: false, weights: "my.safetensors"));
        Assert.Equal(recipe, Path.GetFileNameWithoutExtension(file.File));
        Assert.Equal((pretrained.File, pretrained.Name), (file.File, file.Name));
        Assert.Equal(pretrained.Set, file.Set);
        Assert.Equal(pretrained.Sentence.Replace("timm's weights", "my.safetensors", StringComparison.Ordinal), file.Sentence);
        Assert.Contains(recipe, file.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_a_file_need_no_weights_of_timms_for_the_architecture()
    {
        var name = Zoo.Names.First(n => Pretrained.TagsFor(n).IsEmpty);
        var (file, set, _, _) = ModelName.Resolve(name, cuda: false, weights: "my.safetensors");
        var recipe = RecipeFile.Load(file, [.. set, "weights=my.safetensors"]);
        Assert.Equal((name, null, "my.safetensors"), (recipe.Architecture, recipe.Pretrained, recipe.Weights));
    }

    [Theory]
    [InlineData("finetune", 0.001)]
    [InlineData("finetune_large", 0.00002)]
    public void The_recipes_for_fine_tuning_have_a_schedule_that_follows_the_number_of_epochs(string name, double rate)
    {
        foreach (var epochs in new[] { 1, 5, 30 })
        {
            var recipe = RecipeFile.Load(RecipeFile.Find(name), [$"epochs={epochs}"]);
            Assert.Equal(("one_cycle", rate), (recipe.Schedule.Name, recipe.Optimizer.LearningRate));
            Assert.Null(recipe.Schedule.FindProblem(epochs));
            Assert.Equal(recipe.Schedule.FinalFactor, recipe.Schedule.Factor((50 * epochs) - 1, 50, epochs), 1e-9);
        }

        var baseline = Load("baseline_resnet18");
        Assert.Equal(("step", 8.0), (baseline.Schedule.Name, ((SketchFlow.Learning.Training.Schedules.Step)baseline.Schedule).StepEpochs));
    }

    private static Recipe Load(string name) => RecipeFile.Load(RecipeFile.Find(name), []);
}

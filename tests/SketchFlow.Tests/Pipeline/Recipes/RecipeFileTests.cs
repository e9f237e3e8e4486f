using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class RecipeFileTests
{
    public static TheoryData<string> All => [.. RecipeFile.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_recipe_loads_names_an_architecture_and_survives_writing(string name)
    {
        var recipe = RecipeFile.Load(RecipeFile.Find(name), []);
        Assert.Contains(recipe.Architecture, Zoo.Names);
        Assert.NotEmpty(recipe.Description);
        using var folder = new TemporaryFolder().With("recipe.yaml", RecipeFile.Write(recipe));
        var again = RecipeFile.Load(Path.Combine(folder.Root, "recipe.yaml"), []);
        Assert.Equal(RecipeFile.Write(recipe), RecipeFile.Write(again));
        // Arrays are compared by reference; the texts above compared their values.
        Assert.Equal(Plain(recipe), Plain(again));
        Assert.Equal(recipe.Preparation.Mean ?? [], again.Preparation.Mean ?? []);
        Assert.Equal(recipe.Augmentation, again.Augmentation);

        static Recipe Plain(Recipe r) => r with { Augmentation = [], Preparation = r.Preparation with { Mean = null, Std = null } };
    }

    [Theory]
    [InlineData("resnet", "resnet")]
    [InlineData("resnext", "resnext")]
    [InlineData("convnext", "convnext")]
    [InlineData("vit", "vit")]
    [InlineData("regnety", "regnety")]
    [InlineData("eva", "eva")]
    [InlineData("eva02", "eva02")]
    [InlineData("baseline", "resnet")]
    public void A_family_resolves_on_either_device_and_says_to_what(string family, string architecture)
    {
        foreach (var cuda in new[] { false, true })
        {
            var (file, set, name, sentence) = ModelName.Resolve(family, cuda);
            Assert.Contains(name, sentence, StringComparison.Ordinal);
            Assert.Contains(cuda ? "GPU" : "CPU", sentence, StringComparison.Ordinal);
            Assert.StartsWith(architecture, RecipeFile.Load(file, set).Architecture, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_architecture_of_the_zoo_can_be_trained_by_its_name()
    {
        var (file, set, name, _) = ModelName.Resolve("convnext_femto", cuda: false);
        Assert.Equal(("convnext_femto", "convnext_femto"), (name, RecipeFile.Load(file, set).Architecture));
        Assert.Throws<RefusalException>(() => ModelName.Resolve("convnext_atom", cuda: false));
    }

    [Fact]
    public void Settings_reach_every_depth_and_the_last_one_holds()
    {
        using var folder = new TemporaryFolder().With("r.yaml", "architecture: resnet18\noptimizer: { learning_rate: 0.1 }\n");
        var recipe = RecipeFile.Load(
            Path.Combine(folder.Root, "r.yaml"),
            ["optimizer.learning_rate=0.2", "optimizer.learning_rate=0.3", "augmentation=[]", "model.layer_scale=1e-6", "weights=null"]);
        Assert.Equal((0.3, 1e-6), (recipe.Optimizer.LearningRate, recipe.Model.LayerScale));
        Assert.Empty(recipe.Augmentation);
    }

    [Theory]
    [InlineData("arkitecture: resnet18\n", "architecture")]
    [InlineData("optimizer: { rate: 1 }\n", "learning_rate")]
    [InlineData("epochs: many\n", "epochs")]
    [InlineData("stopping: { metric: beauty }\n", "accuracy")]
    [InlineData("loss: { label_smoothing: 1.5 }\n", "loss.label_smoothing")]
    public void An_unknown_key_or_a_value_that_does_not_fit_is_named_with_those_that_would(string yaml, string words)
    {
        using var folder = new TemporaryFolder().With("r.yaml", yaml);
        Assert.Contains(words, Assert.Throws<UsageException>(() => RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_and_texts_are_read_exactly()
    {
        const string Yaml = "a: 0.48145467\nb: 1e-300\nc: 9007199254740993\nd: \"1\"\ne: yes\nf: ~\ng: [true, -0.5, 1e-6, 'null', 08.5.1]\nh: {}\ni: +3\n";
        Assert.Equal(
            """{"a":0.48145467,"b":1E-300,"c":9007199254740993,"d":"1","e":"yes","f":null,"g":[true,-0.5,1E-06,"null","08.5.1"],"h":{},"i":3}""",
            YamlJson.Read(Yaml, "here")!.ToJsonString());
        Assert.Null(YamlJson.Read("", "here"));
        Assert.Contains("line 2", Assert.Throws<RefusalException>(() => YamlJson.Read("a: 1\na: 2\n", "here")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [1\n")]
    [InlineData("just words\n")]
    [InlineData("")]
    [InlineData("extends: r\n")]
    [InlineData("extends: gone\n")]
    [InlineData("augmentation: [{ no-such-transform: {} }]\n")]
    public void A_file_that_is_not_a_recipe_is_refused(string yaml)
    {
        using var folder = new TemporaryFolder().With("r.yaml", yaml);
        Assert.Throws<RefusalException>(() => RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), []));
    }

    [Fact]
    public void A_recipe_extends_one_of_the_program_or_of_its_own_folder()
    {
        using var folder = new TemporaryFolder()
            .With("mine.yaml", "extends: scratch\nepochs: 7\n")
            .With("scratch.yaml", "extends: scratch\nbatch_size: 5\n")
            .With("other.yaml", "extends: convnext_atto\n");
        var (ours, mine) = (RecipeFile.Load(RecipeFile.Find("scratch"), []), RecipeFile.Load(Path.Combine(folder.Root, "mine.yaml"), []));
        Assert.Equal((7, 5, ours.Optimizer, ours.ImageSize), (mine.Epochs, mine.BatchSize, mine.Optimizer, mine.ImageSize));
        Assert.Equal("convnext_atto", RecipeFile.Load(Path.Combine(folder.Root, "other.yaml"), []).Architecture);
    }

    [Property]
    public void Every_number_is_read_back_exactly(NormalFloat rate, long seed)
    {
        var recipe = new Recipe { Seed = seed, Optimizer = new AdamW { LearningRate = Math.Abs(rate.Get) + 1e-300, WeightDecay = 1 / 3.0 } };
        using var folder = new TemporaryFolder().With("r.yaml", RecipeFile.Write(recipe));
        Assert.Equal(recipe, RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), []) with { Augmentation = recipe.Augmentation });
    }

    [Theory]
    [InlineData("image_size=33.5", "image_size is 33.5", "a whole number")]
    [InlineData("optimizer.learning_rate=fast", "optimizer.learning_rate is \"fast\"", "a number")]
    [InlineData("channels_last=3", "channels_last is 3", "true or false")]
    [InlineData("architecture=3", "architecture is 3", "text")]
    [InlineData("preparation.mean=3", "preparation.mean is 3", "a list")]
    [InlineData("preparation.mean=[1, x]", "preparation.mean[1] is \"x\"", "a number")]
    [InlineData("sizes=[{from_epoch: 0, size: 64}, {from_epoch: x, size: 96}]", "sizes[1].from_epoch is \"x\"", "a whole number")]
    [InlineData("loss=[focal]", "loss is [\"focal\"]", "a mapping with kind, ")]
    [InlineData("loss.kind=focl", "loss.kind is \"focl\"", "one of asymmetric, asymmetric_softmax, binary_cross_entropy, cross_entropy, focal")]
    [InlineData("epochs=99999999999", "epochs is 99999999999", "a whole number")]
    public void A_value_that_does_not_fit_is_named_with_what_is_expected(string setting, string found, string expected)
    {
        var message = Assert.Throws<UsageException>(() => RecipeFile.Load(RecipeFile.Find("resnet18"), [setting])).Message;
        Assert.StartsWith($"{found} in --set, expected {expected}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("imge_size=64", "imge_size is not a setting (did you mean 'image_size'?)")]
    [InlineData("optimiser.learning_rate=1", "optimiser.learning_rate is not a setting (did you mean 'optimizer'?)")]
    [InlineData("optimizer.learning_rat=1", "optimizer.learning_rat is not a setting (did you mean 'learning_rate'?)")]
    [InlineData("optimizer.zeal=1", "optimizer.zeal is not a setting; the known settings are kind")]
    public void A_key_that_is_nearly_known_is_asked_about(string setting, string message) => Assert.StartsWith(
        message, Assert.Throws<UsageException>(() => RecipeFile.Load(RecipeFile.Find("resnet18"), [setting])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_transforms_option_that_does_not_fit_is_named_with_what_is_expected() => Assert.Equal(
        "rotate: limit is \"x\", expected a number.",
        Assert.Throws<RefusalException>(() => RecipeFile.Load(RecipeFile.Find("resnet18"), ["augmentation=[{ rotate: { limit: x } }]"])).Message);

    [Theory]
    [InlineData("mixing.is_on")]
    [InlineData("ema.is_on")]
    public void A_value_computed_from_other_settings_is_not_a_setting(string key)
    {
        var message = Assert.Throws<UsageException>(() => RecipeFile.Load(RecipeFile.Find("resnet18"), [$"{key}=true"])).Message;
        Assert.Contains($"{key} is not a setting", message, StringComparison.Ordinal);
        Assert.DoesNotContain("is_on", RecipeFile.Write(new Recipe()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optimizer: { beta2: 1 }\n", "optimizer.beta2")]
    [InlineData("optimizer: { layer_decay: 0 }\n", "optimizer.layer_decay")]
    [InlineData("optimizer: { kind: lion, decoupled: false }\n", "optimizer.decoupled")]
    [InlineData("optimizer: { kind: adamax }\n", "nadam")]
    [InlineData("loss: { class_weights: [1, 0] }\n", "loss.class_weights")]
    [InlineData("loss: { balance: 1, class_weights: [1, 2] }\n", "loss.balance")]
    [InlineData("loss: { kind: poly }\n", "asymmetric_softmax")]
    [InlineData("schedule: { kind: multi_step }\n", "schedule.milestones")]
    [InlineData("schedule: { kind: cosine_restarts, cycle_epochs: 0 }\n", "schedule.cycle_epochs")]
    [InlineData("ema: { decay: 1 }\n", "ema.decay")]
    [InlineData("batch_size: 8\naccumulation: 9\n", "accumulation")]
    [InlineData("mixing: { off_epochs: -1 }\n", "mixing.off_epochs")]
    public void The_mathematics_of_training_is_checked_key_by_key(string yaml, string words)
    {
        using var folder = new TemporaryFolder().With("r.yaml", yaml);
        Assert.Contains(words, Assert.Throws<UsageException>(() => RecipeFile.Load(Path.Combine(folder.Root, "r.yaml"), [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique_over_all_folders_and_an_unknown_one_is_refused_with_a_suggestion()
    {
        var files = Directory.EnumerateFiles(RecipeFile.Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is "cpu" or "gpu" or "report" or "bench").Select(f => Path.GetFileNameWithoutExtension(f));
        Assert.Equal(files.Order(StringComparer.Ordinal), RecipeFile.Names);
        Assert.Equal(Path.Combine(RecipeFile.Folder, "report", "vit_huge.yaml"), RecipeFile.Find("vit_huge"));
        Assert.Null(RecipeFile.TryFind("models"));
        var message = Assert.Throws<RefusalException>(() => RecipeFile.Find("resnet81")).Message;
        Assert.StartsWith("There is no recipe resnet81 (", message, StringComparison.Ordinal);
    }
}

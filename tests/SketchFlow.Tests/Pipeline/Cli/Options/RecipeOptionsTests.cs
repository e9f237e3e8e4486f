using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Cli.Options;

/// <summary>Options such as <c>--lr</c> do what <c>--set</c> does, and contradictions of the two are refused.</summary>
public sealed class RecipeOptionsTests
{
    [Property(MaxTest = 20)]
    public Property An_option_sets_what_set_sets()
    {
        var pairs = Gen.OneOf(
            Numbers("--lr", "optimizer.learning_rate", Gen.Choose(1, 1000).Select(n => n / 10_000.0)),
            Numbers("--batch-size", "batch_size", Gen.Choose(1, 512).Select(n => (double)n)),
            Numbers("--image-size", "image_size", Gen.Choose(1, 20).Select(n => 32.0 * n)),
            Numbers("--epochs", "epochs", Gen.Choose(1, 99).Select(n => (double)n)),
            Numbers("--seed", "seed", Gen.Choose(0, 9999).Select(n => (double)n)),
            Numbers("--workers", "workers", Gen.Choose(0, 64).Select(n => (double)n)),
            Numbers("--threads", "threads", Gen.Choose(0, 64).Select(n => (double)n)),
            Gen.Elements(AugmentationPreset.Names.ToArray()).Select(name => ("--augmentation", "augmentation", name)));
        return Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var (option, key, value) = pair;
            var expected = Merge("train", "--model", "resnet18", "--set", $"{key}={value}");
            Assert.Equal(expected, Merge("train", "--model", "resnet18", option, value));
            Assert.Equal(expected, Merge("train", "--model", "resnet18", $"{option}={value}", "--set", $"{key}={value}"));
        });
    }

    [Property(MaxTest = 30)]
    public void Another_name_sets_the_key_that_it_stands_for(byte pick)
    {
        var names = RecipeAliases.Keys.Where(a => a.Value != RecipeAliases.Model).OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        var (alias, key) = names[pick % names.Count];
        string[] expected = [$"{key}=1"];
        Assert.Equal(expected, Settings("train", "--set", $"{alias}=1"));
        if (key is not ("epochs" or "data.folds" or "data.fold"))
        {
            Assert.Equal(expected, Settings("train", $"{alias}=1"));
            Assert.Equal(expected, Settings("train", $"--{alias.Replace('_', '-')}", "1"));
            Assert.Equal(expected, Settings("train", $"--{alias}=1"));
        }
    }

    [Fact]
    public void Every_other_name_stands_for_a_key_of_the_recipe() => Assert.All(
        RecipeAliases.Keys.Values.Where(key => key != RecipeAliases.Model), key => Assert.Contains(key, RecipeSchema.Paths()));

    [Theory]
    [InlineData("--lr 0.1 and --set lr=0.2", "--lr", "0.1", "--set", "lr=0.2")]
    [InlineData("--lr 0.1 and --set optimizer={kind: sgd, learning_rate: 0.2}", "--lr", "0.1", "--set", "optimizer={kind: sgd, learning_rate: 0.2}")]
    [InlineData("--epochs 3 and --set epochs=4", "--epochs", "3", "--set", "epochs=4")]
    [InlineData("--batch-size 3 and --set batch=4", "-b", "3", "--set", "batch=4")]
    [InlineData("--device cpu and --set device=cuda", "--device", "cpu", "--set", "device=cuda")]
    [InlineData("--amp auto and --set amp=off", "--amp", "--set", "amp=off")]
    [InlineData("--data a and --set data.path=b", "--data", "a", "--set", "data.path=b")]
    [InlineData("--augmentation none and --set augmentation=sketch", "--aug", "none", "--set", "augmentation=sketch")]
    [InlineData("--model resnet18 and --set model=\"resnet34\"", "--model", "resnet18", "--set", "model=\"resnet34\"")]
    public void A_contradiction_names_both(string both, params string[] arguments)
    {
        var refusal = Assert.Throws<UsageException>(() => Merge(["train", .. arguments]));
        Assert.StartsWith($"{both} contradict each other", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_numbers_in_other_words_are_no_contradiction() =>
        Assert.Equal(0.001, Read("train", "--lr", "1e-3", "--set", "lr=0.001").Optimizer.LearningRate);

    [Theory]
    [InlineData("resnet18", "--recipe", "resnet18")]
    [InlineData("resnet34", "--recipe", "resnet18", "--model", "resnet34")]
    [InlineData("resnet50", "--recipe", "scratch", "--model", "resnet50.a1_in1k")]
    [InlineData("vit_tiny_patch16_224", "--recipe", "scratch", "--model", "vit_tiny")]
    [InlineData("resnet34", "--set", "model=resnet34")]
    [InlineData("resnet34", "model=resnet34")]
    public void A_recipe_keeps_its_settings_with_another_architecture(string architecture, params string[] arguments)
    {
        var recipe = Read(["train", "--device", "cpu", .. arguments]);
        Assert.Equal(architecture, recipe.Architecture);
        if (arguments is ["--recipe", var named, ..])
        {
            var own = RecipeFile.Load(RecipeFile.Find(named), []);
            Assert.Equal((own.Epochs, own.BatchSize, own.Optimizer), (recipe.Epochs, recipe.BatchSize, recipe.Optimizer));
        }
    }

    [Fact]
    public void A_tag_with_a_recipe_is_fine_tuned() =>
        Assert.StartsWith("resnet50.a1_in1k", Read("train", "--recipe", "scratch", "--model", "resnet50.a1_in1k").Pretrained, StringComparison.Ordinal);

    [Fact]
    public void The_weights_of_a_recipe_do_not_go_with_another_architecture() =>
        Assert.StartsWith("resnet18.", Read("train", "--recipe", "vit_huge", "--model", "resnet18").Pretrained, StringComparison.Ordinal);

    [Fact]
    public void A_recipe_that_is_an_architecture_is_explained()
    {
        var refusal = Assert.Throws<RefusalException>(() => Read("train", "--recipe", "resnet10t"));
        Assert.Contains("--model resnet10t", refusal.Message, StringComparison.Ordinal);
    }

    private static Gen<(string Option, string Key, string Value)> Numbers(string option, string key, Gen<double> values) =>
        values.Select(value => (option, key, value.ToString("R", CultureInfo.InvariantCulture)));

    private static Recipe Read(params string[] arguments)
    {
        var parsed = VerbTree.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return CommonOptions.RecipeNamed(parsed, null, parsed.GetValue(RecipeOptions.Epochs), _ => { }).Recipe;
    }

    private static string[] Settings(params string[] arguments)
    {
        var parsed = VerbTree.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return [.. CommonOptions.Settings(parsed)];
    }

    private static string Merge(params string[] arguments) => JsonSerializer.Serialize(Read(arguments), RecipeFile.Json);
}

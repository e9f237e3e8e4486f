using System.Text.Json;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>The verbs <c>recipes list</c>, <c>recipes show</c> and <c>recipes keys</c>.</summary>
public sealed class RecipesVerbTests
{
    private const int Width = 80;

    [Fact]
    public void The_list_names_each_recipe_once_and_wraps_descriptions_at_80_columns()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "recipes", "list");

        Assert.Equal(0, result.ExitCode);
        Assert.All(RecipeFile.Names, name => Assert.Single(result.Output.Split('\n'), line => line.StartsWith($"  {name} ", StringComparison.Ordinal)));
        Assert.All(result.Output.Split('\n'), line => Assert.InRange(line.Length, 1, Width));
        Assert.DoesNotContain('…', result.Output);
        Assert.Contains(result.Output.Split('\n'), line => line.StartsWith("          ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_of_a_written_recipe_is_described()
    {
        var described = RecipeKeyCatalogue.All().Select(key => key.Key).ToHashSet(StringComparer.Ordinal);

        Assert.All(RecipeFile.Names, name => Assert.All(
            RecipeKeys.Flatten(RecipeFile.Load(RecipeFile.Find(name), [])).Keys.Where(key => !key.StartsWith("data.group", StringComparison.Ordinal)),
            key => Assert.Contains(key, described)));
        Assert.Equal(described.Order(StringComparer.Ordinal), RecipeSchema.Paths().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("", "optimizer.learning_rate: number, above 0; default 0.001; also --lr, learning_rate, lr, lr0")]
    [InlineData("lr", "optimizer.learning_rate: number, above 0; default 0.001; also --lr, learning_rate, lr, lr0")]
    [InlineData("batch", "batch_size: integer, 1 to 65536; default 64; also --batch-size, batch, bs")]
    [InlineData("stopping.metric", "stopping.metric: choice of accuracy, loss; default accuracy")]
    public void A_key_is_shown_with_type_range_default_and_names(string prefix, string line)
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), ["recipes", "keys", .. prefix.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"\n{line} ", $"\n{result.Output.Replace("\n    ", " ", StringComparison.Ordinal)}", StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), l => Assert.InRange(l.Length, 1, Width));
    }

    [Fact]
    public void Keys_as_JSON_are_those_of_the_table()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "recipes", "keys", "--json");

        using var json = JsonDocument.Parse(result.LastLine);
        Assert.Equal(RecipeKeyCatalogue.All().Select(key => key.Key), json.RootElement.EnumerateArray().Select(key => key.GetProperty("key").GetString()));
    }

    [Fact]
    public void An_unknown_key_is_refused_with_the_nearest()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "recipes", "keys", "lerning_rate");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("No key begins with 'lerning_rate' (did you mean 'learning_rate'?); sketchflow recipes keys lists all.", result.Error.Trim());
    }

    [Fact]
    public void A_shown_value_has_its_source()
    {
        var result = ProgramRunner.Run(
            Path.GetTempPath(), "recipes", "show", "resnet18.a1_in1k", "--lr", "0.5", "--augmentation", "keep-ratio", "--device", "cpu", "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        using var json = JsonDocument.Parse(result.LastLine);
        var sources = json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetProperty("source").GetString(), StringComparer.Ordinal);
        Assert.Equal("command line", sources["optimizer.learning_rate"]);
        Assert.Equal("preset keep-ratio", sources["preparation.fit"]);
        Assert.Equal("weights resnet18.a1_in1k", sources["preparation.mean"]);
        Assert.StartsWith("finetune.yaml (line ", sources["optimizer.kind"], StringComparison.Ordinal);
        Assert.Equal("default", sources["optimizer.beta1"]);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("baseline_resnet50")]
    public void A_recipe_printed_as_YAML_is_read_back_unchanged(string name)
    {
        using var folder = new TemporaryFolder();
        var result = ProgramRunner.Run(folder.Root, "recipes", "show", name, "--yaml", "--device", "cpu");
        File.WriteAllText(folder["mine.yaml"], result.Output);

        var expected = RecipeFile.Load(RecipeFile.Find(name), ["device=cpu"]);
        Assert.Equal(RecipeFile.Write(expected), RecipeFile.Write(RecipeFile.Load(folder["mine.yaml"], [])));
    }

    [Fact]
    public void A_source_is_the_line_that_sets_the_value()
    {
        var described = RecipeKeyCatalogue.All().ToLookup(key => key.Key, StringComparer.Ordinal);
        foreach (var name in RecipeFile.Names)
        {
            var loaded = RecipeFile.Read(RecipeFile.Find(name), []);
            foreach (var (key, value) in RecipeKeys.Flatten(loaded.Recipe))
            {
                // What no file sets has its default, which for a kind is that of the kind.
                Assert.True(loaded.SourceOf(key) is not null || described[key].Any(k => SameValue(k.Default, value)), $"{name} {key} {value}");
            }
        }

        static bool SameValue(string a, string b) => a.Replace(" ", "", StringComparison.Ordinal) == b.Replace(" ", "", StringComparison.Ordinal);
    }
}

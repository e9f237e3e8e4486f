using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Folders whose names mean something else in YAML: a number, a comment, a mapping.</summary>
public sealed class FolderNameTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Theory]
    [InlineData("2024")]
    [InlineData("dir #1")]
    [InlineData("a: b")]
    public void Every_name_of_a_data_folder_reaches_the_recipe_unchanged(string name)
    {
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Root, name);
        CopyFolder(runs.Data, data);

        var plan = ProgramRunner.Run(folder.Root, "train", "--model", "resnet18", "--data", data, "--dry-run", "--set", "image_size=32");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        var recipe = plan.Output[..plan.Output.IndexOf("\nflow:", StringComparison.Ordinal)].Split('\n');
        var file = Path.Combine(folder.Root, "recipe.yaml");
        File.WriteAllLines(file, recipe.SkipWhile(line => !line.StartsWith("description:", StringComparison.Ordinal)));
        Assert.Equal(data, RecipeFile.Load(file, []).Data.Path);

        CopyFolder(runs.File("runs", "one"), Path.Combine(folder.Root, "runs", "one"));
        var predicted = ProgramRunner.Run(folder.Root, "predict", "--run", "one", "--data", data);
        Assert.True(predicted.ExitCode == 0, predicted.ToString());
        Assert.True(File.Exists(Path.Combine(folder.Root, "logits", name, "test", "one.parquet")));
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}

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
        folder.WithCopy(runs.Data, name);

        var plan = ProgramRunner.Run(folder.Root, "train", "--model", "resnet18", "--data", data, "--dry-run", "--full", "--set", "image_size=32");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        var recipe = plan.Output[..plan.Output.IndexOf("\nflow:", StringComparison.Ordinal)].Split('\n');
        var file = Path.Combine(folder.Root, "recipe.yaml");
        File.WriteAllLines(file, recipe.SkipWhile(line => !line.StartsWith("description:", StringComparison.Ordinal)));
        Assert.Equal(data, RecipeFile.Load(file, []).Data.Path);

        folder.WithCopy(runs.File("runs", "one"), "runs/one");
        var predicted = ProgramRunner.Run(folder.Root, "predict", "--run", "one", "--data", data);
        Assert.True(predicted.ExitCode == 0, predicted.ToString());
        Assert.True(File.Exists(Path.Combine(folder.Root, "logits", name, "test", "one.parquet")));
    }

    [Long]
    [Theory]
    [InlineData("2024")]
    [InlineData("dir #1")]
    [InlineData("a: b")]
    public void Soup_finders_study_and_sweep_accept_every_name_of_a_data_folder(string name)
    {
        using var folder = new TemporaryFolder();
        var (data, artifacts) = (Path.Combine(folder.Root, name), Path.Combine(folder.Root, "artifacts"));
        folder.WithCopy(runs.Data, name);
        folder.With("grid.yaml", "method: grid\nmetric: { name: val_loss }\nparameters: { loss.label_smoothing: { values: [0, 0.1] } }\n");
        string[] options = ["--model", SmallTraining.Network, "--data", data, .. TrainedRuns.Tiny];

        Succeeds(["train", .. options, "--run", "one", "--epochs", "2", "--set", "checkpoints.top=2"]);
        Succeeds(["soup", "--run", "one", "--name", "mix", "--kind", "uniform", "--data", data, "--device", "cpu"]);
        Succeeds(["predict", "--run", "mix", "--device", "cpu"]);
        Succeeds(["lr-find", .. options, "--steps", "20"]);
        Succeeds(["batch-find", .. options, "--largest", "8"]);
        Succeeds(["study", "changes", .. options, "--change", "loss.label_smoothing=0.2", "--epochs", "1", "--name", "mine"]);
        Succeeds(["sweep", Path.Combine(folder.Root, "grid.yaml"), .. options, "--epochs", "1", "--name", "grid"]);

        Assert.True(File.Exists(Path.Combine(artifacts, "logits", name, "test", "mix.parquet")));
        var recipes = Directory.GetFiles(Path.Combine(artifacts, "runs"), "recipe.yaml", SearchOption.AllDirectories);
        // The run, its soup, two settings of the study, two trials of the sweep.
        Assert.Equal(6, recipes.Length);
        Assert.All(recipes, recipe => Assert.Equal(data, RecipeFile.Load(recipe, []).Data.Path));

        void Succeeds(string[] arguments)
        {
            var result = ProgramRunner.Run(artifacts, arguments);
            Assert.True(result.ExitCode == 0, $"{arguments[0]}: {result}");
        }
    }
}

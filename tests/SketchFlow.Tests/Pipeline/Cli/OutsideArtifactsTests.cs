using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>Names in files and options stay names: they lead to no folder outside of the artifacts.</summary>
public sealed class OutsideArtifactsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../x")]
    [InlineData("..")]
    [InlineData("/etc/x")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void An_ensemble_is_found_by_a_name_and_not_by_a_path(string name)
    {
        Assert.Equal(ExitCode.Usage, Program.Main(["ensemble", "--from", name, "--artifacts", _folder["artifacts"]]));
        Assert.False(Directory.Exists(_folder["artifacts/ensembles"]));
    }

    [Theory]
    [InlineData("dataset: ../..\nmembers: [{run: a}]", "dataset in ")]
    [InlineData("dataset: /etc\nmembers: [{run: a}]", "dataset in ")]
    [InlineData("dataset: d\nmembers: [{run: ../../a}]", "run in ")]
    [InlineData("dataset: d\nmembers: [{run: a}, {run: ..}]", "run in ")]
    public void Names_in_the_file_of_an_ensemble_are_no_paths(string yaml, string key)
    {
        _folder.With("e.yaml", yaml);
        var refusal = Assert.Throws<UsageException>(() => EnsembleFile.Load(_folder["e.yaml"]));
        Assert.StartsWith(key, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("is not a valid file name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_folder_is_removed_writes_nothing_more()
    {
        for (var i = 0; i < 4; i++)
        {
            _folder.With($"data/c{i % 2}/{i}.png", "x");
        }

        var (folder, recipe) = (new RunFolder(_folder["runs/gone"]), new Recipe());
        var store = new RunStore(folder, recipe, DataSetReader.Read(_folder["data"]));
        store.WriteRecipe(recipe);
        Directory.Delete(folder.Folder, recursive: true);
        var refusal = Assert.Throws<RefusalException>(() => store.WriteResume(null!, null!));
        Assert.Contains("was removed while the run was trained", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Folder));
    }
}

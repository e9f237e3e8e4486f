using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Ensembles;

public sealed class EnsembleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["e.yaml"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901e11")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000007")]
    public void A_hash_and_a_name_of_digits_stay_text(string hash)
    {
        _folder.With("e.yaml", $"dataset: 2024\nmembers:\n- run: 007\n  model: 1e5\n  weight: 0.25\n  validation:\n    12/val/007.parquet: {hash}\n");
        var file = EnsembleFile.Load(Path);
        var member = Assert.Single(file.Members);
        Assert.Equal(("2024", "007", "1e5", 0.25), (file.Dataset, member.Run, member.Model, member.Weight));
        Assert.Equal(hash, member.Validation["12/val/007.parquet"]);
        var found = ImmutableDictionary<string, ImmutableArray<TableFile>>.Empty.Add("007", [new TableFile("12/val/007.parquet", hash)]);
        file.Verify(RunLogits.Validation, found);
        var other = found.SetItem("007", [new TableFile("12/val/007.parquet", new string('a', 64))]);
        Assert.Throws<RefusalException>(() => file.Verify(RunLogits.Validation, other));
    }

    [Fact]
    public void A_saved_ensemble_is_read_back_exactly()
    {
        var file = new EnsembleFile
        {
            Dataset = "sketches: \"a\"",
            Method = "hill climbing",
            Combine = "stacked",
            StackStrength = 1e-5,
            StackForm = "full",
            Aim = "accuracy",
            ValAccuracy = 1.0 / 3,
            ValLogLoss = double.NaN,
            Members =
            [
                new()
                {
                    Run = "null",
                    Model = "true",
                    Weight = 1e-300,
                    Temperature = 2.0 / 3,
                    ClassWeights = [0.1, 3],
                    Test = { ["t.parquet"] = new('1', 64) },
                },
                new() { Run = "12", Model = "é", Validation = { ["v.parquet"] = new('2', 64) } },
            ],
        };
        file.Save(Path);
        var back = EnsembleFile.Load(Path);
        Assert.Equivalent(file, back, strict: true);
        var text = File.ReadAllText(Path);
        back.Save(Path);
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData("members: [{run: a}]", "names no data set or no members")]
    [InlineData("dataset: d\nmembers: []", "names no data set or no members")]
    [InlineData("dataset: d\nmembers: [{model: a}]", "names no data set or no members")]
    [InlineData("- a", "names no data set or no members")]
    [InlineData("", "names no data set or no members")]
    [InlineData("dataset: d\nmembers: [{run: a, weight: heavy}]", "members[0].weight is \"heavy\", expected a number")]
    [InlineData("dataset: d\nmembers: [{run: null}]", "members[0].run is null, expected text")]
    [InlineData("dataset: d\nmembers: {run: a}", "expected a list")]
    [InlineData("dataset: d\nmembers: [{run: a, colour: red}]", "the unknown key colour, expected only run, model")]
    [InlineData("dataset: d\nmembres: [{run: a}]", "the unknown key membres")]
    [InlineData("dataset: [", "is not YAML")]
    public void A_file_that_is_no_ensemble_is_refused_with_the_reason(string text, string reason)
    {
        _folder.With("e.yaml", text);
        var refusal = Assert.Throws<RefusalException>(() => EnsembleFile.Load(Path));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Path, refusal.Message, StringComparison.Ordinal);
    }
}

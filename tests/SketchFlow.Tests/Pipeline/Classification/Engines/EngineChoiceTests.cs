using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification.Engines;

/// <summary><c>classify --engine</c>: libtorch, ONNX Runtime, or the faster of both.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class EngineChoiceTests(ClassifiedRuns runs)
{
    [Theory]
    [InlineData("one", "hflip")]
    [InlineData("folds", null)]
    [InlineData("stacked", null)]
    public void Both_engines_give_the_same_answers(string name, string? views)
    {
        string[] options = views is null ? [] : ["--tta", views];
        var (torch, onnx) = (Classify(runs.Artifacts, name, "torch", options), Classify(runs.Artifacts, name, "onnx", options));
        Assert.Equal(torch.Count, onnx.Count);
        Assert.True(torch.Count > 20);
        foreach (var (a, b) in torch.Zip(onnx))
        {
            Assert.Equal(a.Name, b.Name);
            Assert.Equal(a.Class, b.Class);
            Assert.InRange(Math.Abs(a.Probability - b.Probability), 0, 2e-4);
        }
    }

    [Fact]
    public void The_faster_engine_is_found_once_for_a_batch_size_and_a_model()
    {
        using var folder = new TemporaryFolder().WithCopy(runs.Artifacts, "artifacts");
        var first = Run(folder["artifacts"], "one", "auto", "--batch-size", "4");
        Assert.Contains("measured now", first.Error, StringComparison.Ordinal);
        var file = Assert.Single(Directory.GetFiles(folder["artifacts/engines"]));
        var rates = EngineRates.Read(file)!;
        Assert.Contains($"engine: {(rates.Onnx > rates.Torch ? "ONNX Runtime" : "libtorch")};", first.Error, StringComparison.Ordinal);
        Assert.Contains("measured before", Run(folder["artifacts"], "one", "auto", "--batch-size", "4").Error, StringComparison.Ordinal);
        Assert.Contains("measured now", Run(folder["artifacts"], "one", "auto", "--batch-size", "5").Error, StringComparison.Ordinal);
        Assert.Contains("measured now", Run(folder["artifacts"], "two", "auto", "--batch-size", "4").Error, StringComparison.Ordinal);

        // What was measured decides, in both directions; a damaged file is measured again.
        new EngineRates(100, 1).Write(file);
        Assert.Contains("engine: libtorch", Run(folder["artifacts"], "one", "auto", "--batch-size", "4").Error, StringComparison.Ordinal);
        new EngineRates(1, 100).Write(file);
        Assert.Contains("engine: ONNX Runtime", Run(folder["artifacts"], "one", "auto", "--batch-size", "4").Error, StringComparison.Ordinal);
        File.WriteAllText(file, "{");
        Assert.Contains("measured now", Run(folder["artifacts"], "one", "auto", "--batch-size", "4").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--half")]
    [InlineData("--amp", "bf16")]
    public void ONNX_Runtime_with_another_precision_is_refused(params string[] options)
    {
        var result = Run(runs.Artifacts, "one", "onnx", options);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("computes in float32", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_ONNX_is_not_run_by_libtorch()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, ProgramRunner.Run(runs.Artifacts, "export", "--run", "one", "--output", folder["m.onnx"]).ExitCode);
        var result = Run(runs.Artifacts, folder["m.onnx"], "torch");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("leave --engine torch out", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run(runs.Artifacts, folder["m.onnx"], "auto").ExitCode);
    }

    private ProgramResult Run(string artifacts, string name, string engine, params string[] options) => ProgramRunner.Run(
        artifacts, ["classify", "--run", name, "--engine", engine, "--csv", "--top", "1", .. options, Path.Combine(runs.Data, "test")]);

    private List<(string Name, string Class, double Probability)> Classify(string artifacts, string name, string engine, string[] options)
    {
        var result = Run(artifacts, name, engine, options);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var csv = new CsvHelper.CsvReader(new StringReader(result.Output), System.Globalization.CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Select(r => (IDictionary<string, object>)r)
            .Select(r => ((string)r["file"], (string)r["class"], double.Parse((string)r["probability"], System.Globalization.CultureInfo.InvariantCulture)))];
    }
}

using System.Text.Json;
using SketchFlow.Inference;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>Trained runs, folds, views and ensembles, exported to one file each: ONNX Runtime gives the probabilities of <c>classify</c>.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class ExportedModelsTests(ClassifiedRuns runs)
{
    [Theory]
    [InlineData("one", null)]
    [InlineData("one", "hflip")]
    [InlineData("one", "hflip+vflip+ten-crop")]
    [InlineData("two", "multi-scale")]
    [InlineData("folds", null)]
    [InlineData("folds.fold-1", "five-crop")]
    [InlineData("soft", null)]
    [InlineData("logits", null)]
    [InlineData("rank", null)]
    [InlineData("hard", null)]
    [InlineData("perclass", null)]
    [InlineData("stacked", null)]
    public void One_file_gives_the_probabilities_of_the_trained_model(string name, string? views)
    {
        var file = Path.Combine(runs.Root, $"{name}-{views}.onnx");
        string[] augmentation = views is null ? [] : ["--tta", views];
        var result = ProgramRunner.Run(runs.Artifacts, ["export", "--run", name, "--output", file, .. augmentation]);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var certificate = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(file, ".certificate.json")));
        Assert.Equal(1, certificate.RootElement.GetProperty("agreement").GetDouble());

        var options = new ClassifierOptions { Augmentation = TestTimeAugmentation.Parse(augmentation.Skip(1)) };
        using var engine = ClassificationEngines.Open(
            new TrainedModelNames(new Artifacts(runs.Artifacts)).Find(name), new Artifacts(runs.Artifacts), options, _ => { }, NoProgress.Factory);
        using var session = OnnxSession.Load(file, threads: 1);
        string[] images = [.. Directory.GetFiles(Path.Combine(runs.Data, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(24)];
        using var batch = PreparedBatch.Stack([.. images.Select(f => PreparedImage.Create(engine.Decode, engine.Sizes, new ImageInput(f)))]);
        var found = session.Run(ModelImages.ToInputs(batch.Sizes, ImageLayout.Bytes), ["probabilities"])[0];
        Assert.All(engine.Predict(batch).Probabilities.Zip(found), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 1e-4));
    }
}

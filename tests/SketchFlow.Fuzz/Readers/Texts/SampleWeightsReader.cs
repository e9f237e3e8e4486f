using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Weights of training images, for <c>train --sample-weights</c>.</summary>
public sealed class SampleWeightsReader() : FileReader("sample-weights", new TextParts(), "weights.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "id,image_path,weight\n0,0.png,1\n1,1.png,0.25\n2,2.png,0\n3,3.png,1\n"u8.ToArray(),
        "image_path,weight\r\n0.png,1\r\n1.png,2\r\n2.png,1e-3\r\n3.png,1\r\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        Sample[] train = [.. Enumerable.Range(0, 4).Select(i => new Sample(i, $"{i}.png", Path.Combine(folder, $"{i}.png"), i % 2))];
        var data = new DataSet
        {
            Name = "few",
            Root = folder,
            Layout = DataSetLayout.Competition,
            Classes = ["cat", "dog"],
            Train = [.. train],
            Validation = [train[0], train[1]],
        };
        var recipe = RecipeFile.Load(RecipeFile.Find("resnet18"), [$"data.sample_weights={path}", "batch_size=2", "image_size=32"]);
        new TrainingSetup(recipe, data, new JobContext(ComputeDevice.Cpu, _ => { }, NoProgress.Factory)).Check();
        return null;
    }
}

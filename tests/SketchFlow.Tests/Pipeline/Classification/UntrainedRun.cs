using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>Runs with random weights, which predict nothing sensible but cost no training.</summary>
internal static class UntrainedRun
{
    /// <summary>Writes the recipe and the weights of a run.</summary>
    public static RunFolder Write(string artifacts, string name, params string[] classes)
    {
        var run = new Artifacts(artifacts).Run(name);
        // In float32 also on a CPU for which auto means bfloat16, so that engines can be compared.
        var recipe = new Recipe { Architecture = SmallTraining.Network, ImageSize = 32, BatchSize = 8, Workers = 2, Device = "cpu", Amp = AmpMode.Off };
        var architecture = RecipeModel.Build(recipe, classes.Length);
        Directory.CreateDirectory(run.Folder);
        File.WriteAllText(run.Recipe, RecipeFile.Write(recipe));
        using var weights = ModelWeights.Fresh(architecture, seed: 3);
        using var model = FlatModel.Create(architecture, weights, ComputeDevice.Cpu, channelsLast: false, learns: false);
        var identity = new RunIdentity { Classes = [.. classes], Preprocessing = ImageFlow.DescribePreprocessing(recipe, architecture), Temperature = 1.5 };
        Checkpoint.Write(run.Best, model, identity, null);
        return run;
    }
}

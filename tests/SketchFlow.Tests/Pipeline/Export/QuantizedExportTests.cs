using System.Text.Json;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>Trained models that compute in 8 bits, on sketches of PACS.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class QuantizedExportTests(ClassifiedRuns runs)
{
    [Theory]
    [InlineData("one")]
    [InlineData("two", "--resize")]
    [InlineData("soft")]
    public void Accuracy_and_speed_are_measured_next_to_float32(string name, params string[] options)
    {
        using var folder = new TemporaryFolder();
        var result = Export(runs.Artifacts, name, folder["model.onnx"], [.. options, "--json"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var printed = JsonDocument.Parse(result.Output.Trim().Split('\n')[^1]);
        var quantization = printed.RootElement.GetProperty("quantization");
        var (exact, rounded) = (quantization.GetProperty("accuracy_float32").GetDouble(), quantization.GetProperty("accuracy_int8").GetDouble());
        Assert.InRange(Math.Abs(exact - rounded), 0, 0.1);
        Assert.InRange(quantization.GetProperty("loss").GetDouble(), exact - rounded - 1e-9, exact - rounded + 1e-9);
        Assert.All(quantization.GetProperty("speeds").EnumerateArray(), s => Assert.True(s.GetProperty("int8").GetDouble() > 0));

        // The accuracy in float32 is that of the validation table.
        if (name == "one")
        {
            using var evaluated = JsonDocument.Parse(
                ProgramRunner.Run(runs.Artifacts, "evaluate", "--run", "one", "--json").Output.Trim().Split('\n')[^1]);
            Assert.Equal(Accuracy(evaluated.RootElement), exact, 1e-9);
        }

        var classified = ProgramRunner.Run(runs.Artifacts, "classify", "--run", folder["model.onnx"], Path.Combine(runs.Data, "test"), "--csv");
        Assert.True(classified.ExitCode == 0, classified.ToString());
    }

    [Fact]
    public void Folds_have_no_image_that_all_of_them_were_held_out_of()
    {
        using var folder = new TemporaryFolder();
        var result = Export(runs.Artifacts, "folds", folder["model.onnx"]);
        Assert.Contains("no labelled image was held out of every network", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy on", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refit_is_measured_by_the_run_that_estimates_it()
    {
        using var folder = new TemporaryFolder().WithCopy(runs.Artifacts, "artifacts");
        var refit = ProgramRunner.Run(folder["artifacts"], ["train", "--refit", "one", "--run", "again"]);
        Assert.True(refit.ExitCode == 0, refit.ToString());
        var result = Export(folder["artifacts"], "again", folder["model.onnx"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var certificate = JsonDocument.Parse(File.ReadAllText(folder["model.certificate.json"]));
        var accuracy = certificate.RootElement.GetProperty("quantization").GetProperty("accuracy");
        Assert.Equal("the run again, estimated by one", accuracy.GetProperty("model").GetString());

        Directory.Delete(folder["artifacts/runs/one"], recursive: true);
        Assert.Contains("accuracy was not measured", Export(folder["artifacts"], "again", folder["other.onnx"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_a_run_need_a_data_set()
    {
        using var folder = new TemporaryFolder();
        var weights = folder["weights.safetensors"];
        File.Copy(runs.File("runs", "one", "best.safetensors"), weights);
        var refused = Export(runs.Artifacts, weights, folder["model.onnx"], "--model", "resnet18");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("name one with --data DIR", refused.Error, StringComparison.Ordinal);
        var result = Export(runs.Artifacts, weights, folder["model.onnx"], "--model", "resnet18", "--data", runs.Data, "--calibration-images", "20");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("ranges measured on 20 images", result.Output, StringComparison.Ordinal);
        Assert.Contains("validation images of", result.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// One channel in each block is multiplied by a large number and divided by it in the next convolution: float32 gives the same logits, but 8 bits have
    /// no digits left for the other channels. The images are labelled with the answers in float32, so that its accuracy is 100 %.
    /// </summary>
    [Fact]
    public void A_model_that_loses_accuracy_is_refused_unless_forced()
    {
        using var folder = new TemporaryFolder().WithCopy(runs.Artifacts, "artifacts");
        var run = new Artifacts(folder["artifacts"]).Run("one");
        PlantLargeChannels(run);
        var answers = ProgramRunner.Run(folder["artifacts"], "classify", "--run", "one", "--csv", "--top", "1", Path.Combine(runs.Data, "train"));
        var data = folder["answers"];
        var classes = RunIdentity.Read(run).Classes;
        var count = 0;
        foreach (var row in answers.Output.Trim().Split('\n').Skip(1).Select(line => line.Split(',')))
        {
            var name = Assert.Single(classes, c => row.Contains(c));
            Directory.CreateDirectory(Path.Combine(data, "train", name));
            File.Copy(row[0], Path.Combine(data, "train", name, $"{count++}.png"));
        }

        foreach (var missing in classes.Where(c => !Directory.Exists(Path.Combine(data, "train", c))))
        {
            Directory.CreateDirectory(Path.Combine(data, "train", missing));
            File.Copy(Directory.GetFiles(Path.Combine(runs.Data, "train"), "*", SearchOption.AllDirectories)[0], Path.Combine(data, "train", missing, "0.png"));
        }

        File.WriteAllText(run.Recipe, RecipeFile.Write(run.Read() is var recipe ? recipe with { Data = recipe.Data with { Path = data } } : null!));
        var refused = Export(folder["artifacts"], "one", folder["model.onnx"]);
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Contains("In 8 bits, the run one loses", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["model.onnx"]));
        var forced = Export(folder["artifacts"], "one", folder["model.onnx"], "--force");
        Assert.True(forced.ExitCode == 0, forced.ToString());
        Assert.True(File.Exists(folder["model.onnx"]));
    }

    private static ProgramResult Export(string artifacts, string name, string file, params string[] options) =>
        ProgramRunner.Run(artifacts, ["export", "--run", name, "--int8", "--output", file, .. options]);

    private static double Accuracy(JsonElement evaluated) => evaluated.ValueKind == JsonValueKind.Array
        ? Accuracy(evaluated[0])
        : evaluated.GetProperty("top1").GetDouble();

    private static void PlantLargeChannels(RunFolder run)
    {
        const float Factor = 1e4F;
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var (recipe, identity) = (run.Read(), RunIdentity.Read(run));
        var architecture = RecipeModel.Build(recipe, identity.Classes.Length);
        var (model, _) = FlatModel.Load(architecture, run.Best, 0, ComputeDevice.Cpu, channelsLast: false, learns: false);
        using (model)
        {
            for (var stage = 1; stage <= 4; stage++)
            {
                Tensor($"layer{stage}.0.bn1.weight")[0].mul_(Keep(Factor));
                Tensor($"layer{stage}.0.bn1.bias")[0].mul_(Keep(Factor));
                Tensor($"layer{stage}.0.conv2.weight").select(1, 0).div_(Keep(Factor));
            }

            Checkpoint.Write(run.Best, model, identity, null);
        }

        torch.Tensor Tensor(string name) => model.Weights[architecture.Tensors.Select((t, i) => (t.Name, i)).Single(t => t.Name == name).i];
    }
}

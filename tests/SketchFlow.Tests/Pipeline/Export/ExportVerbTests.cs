using System.Text.Json;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>The verb export, with random weights.</summary>
public sealed class ExportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExportVerbTests() => UntrainedRun.Write(_folder["artifacts"], "one", "cat", "dog, or so", "emu");

    [Theory]
    [InlineData("bytes")]
    [InlineData("floats")]
    public void A_run_is_exported_with_its_classes_and_a_certificate_that_holds(string input)
    {
        var file = _folder["model.onnx"];
        var result = Run("--run", "one", "--input", input, "--output", file, "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        using var session = new OnnxSession(File.ReadAllBytes(file));
        Assert.Equal(["cat", "dog, or so", "emu"], JsonSerializer.Deserialize<string[]>(session.Metadata["classes"])!);
        using var certificate = JsonDocument.Parse(File.ReadAllText(_folder["model.certificate.json"]));
        var root = certificate.RootElement;
        Assert.Equal(session.Metadata["weights_sha256"], root.GetProperty("weights_sha256").GetString());
        Assert.Equal(32, root.GetProperty("images").GetArrayLength());
        var (difference, largest) = (root.GetProperty("largest_difference").GetDouble(), root.GetProperty("largest_logit").GetDouble());
        Assert.InRange(difference, 0, ParityCertificate.Tolerance * largest);
        Assert.True(largest > 0);
        using var printed = JsonDocument.Parse(result.Output.Trim().Split('\n')[^1]);
        Assert.Equal(difference, printed.RootElement.GetProperty("largest_difference").GetDouble());
    }

    [Fact]
    public void Options_choose_the_weights_the_outputs_the_operators_and_the_files()
    {
        var file = _folder["model.onnx"];
        Assert.Equal(0, Run("--run", "one", "--output", file).ExitCode);
        var whole = new FileInfo(file).Length;
        var result = Run("--run", "one", "--output", file, "--half", "--embedding", "--external-data", "--opset", "20", "--tta", "hflip");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.InRange((double)(new FileInfo(file).Length + new FileInfo($"{file}.data").Length) / whole, 0.4, 0.6);
        using (var session = OnnxSession.Load(file))
        {
            var features = session.Run([OnnxTensor.Of("images", new byte[2 * 32 * 32 * 3], [2, 32, 32, 3])], ["embedding"])[0];
            Assert.Equal(2 * 368, features.Length);
            Assert.Contains(features, f => f != 0);
        }

        using var certificate = JsonDocument.Parse(File.ReadAllText(_folder["model.certificate.json"]));
        Assert.Equal("20", certificate.RootElement.GetProperty("versions").GetProperty("opset").GetString());
        // A model in one file replaces one in two.
        Assert.Equal(0, Run("--run", "one", "--output", file).ExitCode);
        Assert.False(File.Exists($"{file}.data"));
    }

    [Theory]
    [InlineData("--tta", "hflip", "--embedding", "--opset", "22")]
    [InlineData("--half", "--external-data", "--opset", "18")]
    public void A_model_that_resizes_takes_decoded_images_of_any_size(params string[] options)
    {
        var file = _folder["model.onnx"];
        var result = Run(["--run", "one", "--resize", "--output", file, .. options]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("resized inside", result.Output, StringComparison.Ordinal);
        using var session = OnnxSession.Load(file);
        Assert.Equal([-1, -1, -1, 3], session.FindInput("images")!.Shape);
        using var preparation = JsonDocument.Parse(session.Metadata["preparation"]);
        Assert.True(preparation.RootElement.GetProperty("inside").GetBoolean());
        foreach (var (height, width) in new[] { (1, 1), (20, 31), (700, 90) })
        {
            var probabilities = session.Run(
                [OnnxTensor.Of("images", new byte[2 * height * width * 3], [2, height, width, 3])], ["probabilities"])[0];
            Assert.Equal(2 * 3, probabilities.Length);
            Assert.InRange(probabilities.Sum(), 1.999, 2.001);
        }

        using var certificate = JsonDocument.Parse(File.ReadAllText(_folder["model.certificate.json"]));
        Assert.InRange(certificate.RootElement.GetProperty("resize").GetProperty("largest_difference").GetInt32(), 0, 1);
    }

    [Fact]
    public void A_model_that_resizes_takes_no_floats()
    {
        var result = Run("--run", "one", "--resize", "--input", "floats");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("leave --input floats or --resize out", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_output_the_file_is_among_the_exports()
    {
        Assert.Equal(0, Run("--run", "one").ExitCode);
        var files = Directory.GetFiles(_folder["artifacts/exports"]).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["Predict.cs", "one.certificate.json", "one.onnx", "predict.py"], files);
    }

    [Fact]
    public void A_script_of_the_user_is_not_replaced_but_an_older_one_of_ours_is()
    {
        _folder.With("own/predict.py", "print('mine')").With("own/Predict.cs", "// with a model that `sketchflow export` wrote: old");
        var result = Run("--run", "one", "--output", _folder["own/model.onnx"]);
        Assert.Contains("not written: predict.py", result.Output, StringComparison.Ordinal);
        Assert.Equal("print('mine')", File.ReadAllText(_folder["own/predict.py"]));
        Assert.Contains("InferenceSession", File.ReadAllText(_folder["own/Predict.cs"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--half and --int8", "--int8", "--half")]
    [InlineData("add --int8", "--force")]
    [InlineData("add --int8", "--data", "folder")]
    [InlineData("expected 1 or more", "--int8", "--calibration-images", "0")]
    public void Options_of_8_bits_that_contradict_are_refused(string sentence, params string[] options)
    {
        var result = Run(["--run", "one", .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--format", "coreml", "expected onnx")]
    [InlineData("--run", "two", "named two")]
    [InlineData("--opset", "16", "expected 17 to 22")]
    [InlineData("--opset", "23", "expected 17 to 22")]
    [InlineData("--output", "nowhere/model.onnx", "does not exist")]
    public void Wrong_options_are_refused_with_a_sentence_and_nothing_is_written(string option, string value, string sentence)
    {
        var result = Run(option == "--run" ? [option, value] : ["--run", "one", option, value]);
        Assert.True(result.ExitCode is 1 or 2, result.ToString());
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["artifacts/exports"]));
    }

    public void Dispose() => _folder.Dispose();

    private ProgramResult Run(params string[] arguments) => ProgramRunner.Run(_folder["artifacts"], ["export", .. arguments]);
}

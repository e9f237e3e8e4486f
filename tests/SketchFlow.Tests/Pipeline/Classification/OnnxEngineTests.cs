using System.Globalization;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Inference;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>The real program classifies with an ONNX file as with the run that was exported.</summary>
public sealed class OnnxEngineTests(ExportedRun exported) : IClassFixture<ExportedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("bytes")]
    [InlineData("floats")]
    public void The_answers_are_those_of_the_run(string layout)
    {
        string[] files = [.. TestImages.Write(_folder["drawings"]), .. TestImages.Cases()];
        var expected = Classify(3, ExportedRun.Run, files);
        var found = Classify(3, exported.Model(layout), files);
        Assert.Equal(expected.Count, found.Count);
        Assert.All(expected.Zip(found), pair =>
        {
            var ((name, probability), (other, near)) = pair;
            Assert.Equal(name, other);
            Assert.InRange(near, probability - 1e-5, probability + 1e-5);
        });
    }

    [Theory]
    [InlineData("--tta", "hflip", "has the views with which it was exported")]
    [InlineData("--half", null, "has the precision with which it was exported")]
    [InlineData("--model", "resnet18", "has its architecture in itself")]
    [InlineData("--device", "cuda", "runs on the CPU")]
    public void Options_for_libtorch_are_refused(string option, string? value, string sentence)
    {
        var result = ProgramRunner.Run(
            exported.Artifacts, ["classify", "--run", exported.Bytes, option, .. value is null ? (string[])[] : [value], "--", "a.png"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var result = ProgramRunner.Run(exported.Artifacts, "classify", "--run", "missing.onnx", "a.png");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no file or folder missing.onnx", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ONNX_Runtime_leaves_no_traces_of_telemetry()
    {
        var image = TestImages.Write(_folder["drawings"])[1];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Its telemetry is off in CI.
            ["CI"] = "",
            ["ORT_DISABLE_TELEMETRY"] = "",
            ["HOME"] = _folder["home"],
            ["XDG_CACHE_HOME"] = _folder["home/.cache"],
        };
        Directory.CreateDirectory(_folder["home"]);
        var result = ProgramRunner.RunWithEnvironment(exported.Artifacts, environment, null, "classify", "--run", exported.Bytes, image);
        Assert.True(result.ExitCode == 0, result.ToString());
        var entries = Directory.EnumerateFileSystemEntries(_folder["home"], "*", SearchOption.AllDirectories);
        Assert.DoesNotContain(entries, e => e.Contains("onnx", StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose() => _folder.Dispose();

    private List<(string Text, double Probability)> Classify(int exitCode, string run, string[] files)
    {
        var result = ProgramRunner.Run(exported.Artifacts, ["classify", "--run", run, "--csv", "--top", "1", .. files]);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return
        [
            .. result.Output.TrimEnd().Split('\n').Skip(1).Select(line => line.Split(',')).Select(cells => (
                string.Join(',', cells.Where(c => !c.StartsWith("0.", StringComparison.Ordinal))),
                cells.Select(c => c.StartsWith("0.", StringComparison.Ordinal) ? double.Parse(c, CultureInfo.InvariantCulture) : 0).Max())),
        ];
    }
}

using SketchFlow.Onnx.Sessions;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Prediction;

/// <summary><c>predict --engine onnx</c> writes the tables of libtorch, within rounding.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class OnnxEngineTests(ClassifiedRuns runs)
{
    [Theory]
    [InlineData("one", "one", null)]
    [InlineData("one", "one+hflip", "hflip")]
    [InlineData("folds", "folds.fold-1", null)]
    public void Tables_of_both_engines_agree(string run, string member, string? views)
    {
        using var folder = Copy();
        string[] augmentation = views is null ? [] : ["--tta", views];
        var result = ProgramRunner.Run(folder["artifacts"], ["predict", "--run", run, "--engine", "onnx", "--data", runs.Data, .. augmentation]);
        Assert.True(result.ExitCode == 0, result.ToString());
        foreach (var split in new[] { "val", "test" })
        {
            var (torch, onnx) = (LogitsReader.Read(runs.Table(split, member)), LogitsReader.Read(folder[$"artifacts/logits/few/{split}/{member}.parquet"]));
            Assert.Null(torch.Metadata.Engine);
            Assert.Equal($"onnxruntime {OnnxSession.RuntimeVersion}", onnx.Metadata.Engine);
            Assert.Equal(torch.Ids, onnx.Ids);
            Assert.Equal(torch.Statuses, onnx.Statuses);
            var (expected, found) = (torch.Logits.ToArray(), onnx.Logits.ToArray());
            Assert.NotEqual(expected, found);
            Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4 * expected.Max(MathF.Abs));
        }
    }

    [Fact]
    public void A_member_whose_tables_are_of_two_engines_is_left_out_of_an_ensemble()
    {
        using var folder = Copy();
        var result = ProgramRunner.Run(folder["artifacts"], "predict", "--run", "one", "--engine", "onnx", "--data", runs.Data);
        Assert.True(result.ExitCode == 0, result.ToString());
        File.Copy(runs.Table("val", "one"), folder["artifacts/logits/few/val/one.parquet"], overwrite: true);
        result = ProgramRunner.Run(folder["artifacts"], "ensemble", "--data", runs.Data, "--runs", "one", "--runs", "two", "--method", "all");
        Assert.Contains("its validation table was computed by libtorch and its test table by onnxruntime", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "float32", "--half")]
    [InlineData(2, "float32", "--amp", "bf16")]
    public void Other_precisions_are_refused(int code, string sentence, params string[] options)
    {
        var result = ProgramRunner.Run(runs.Artifacts, ["predict", "--run", "one", "--engine", "onnx", .. options]);
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    private TemporaryFolder Copy() => new TemporaryFolder().WithCopy(runs.Artifacts, "artifacts");
}

using System.Text.Json;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Bench;

public class StepBenchTests
{
    [Theory]
    [InlineData("resnet10t", 14, 0)]
    [InlineData("vit_tiny_patch16_224", 1, 12)]
    public void The_shares_of_a_step_add_up_to_it(string model, int convolutions, int attentions)
    {
        var answer = ProgramRunner.Run(
            Path.GetTempPath(), "bench", "step", "--model", model, "--size", "32", "--batch", "2", "--amp", "off", "--seconds", "0", "--classes", "3",
            "--json");
        Assert.Equal(0, answer.ExitCode);
        Assert.Matches($@"(?m)^convolutions alone \({convolutions}, \d+ different\) +[\d.]+ +[\d.]+ % +[\d.]+ +[\d.]+ %$", answer.Output);
        Assert.Matches(@"(?m)^remainder +-?[\d.]+ +-?[\d.]+ % +-?[\d.]+ +-?[\d.]+ %$", answer.Output);
        Assert.Matches(@"(?m)^step +[\d.]+ +100\.00 % +[\d.]+ +100\.00 %$", answer.Output);

        using var json = JsonDocument.Parse(answer.LastLine);
        var root = json.RootElement;
        Assert.Equal((model, "Float32"), (root.GetProperty("model").GetString()!, root.GetProperty("precision").GetString()!));
        Assert.Equal((32, 2), (root.GetProperty("input_size").GetInt32(), root.GetProperty("batch").GetInt32()));
        var operations = root.GetProperty("operations").EnumerateArray().ToList();
        foreach (var kind in new[] { "infer", "train" })
        {
            var part = root.GetProperty(kind);
            double Value(string name) => part.GetProperty(name).GetDouble();
            Assert.True(Value("step_ms") > 0 && Value("images_per_second") > 0 && Value("linear_ms") > 0);
            Assert.Equal(Value("step_ms"), Value("convolutions_ms") + Value("linear_ms") + Value("attention_ms") + Value("remainder_ms"), 1e-6);
            Assert.Equal(1, Value("convolutions_share") + Value("linear_share") + Value("attention_share") + Value("remainder_share"), 1e-9);
            var alone = operations.Where(o => o.GetProperty("layer").GetString() == "Convolution")
                .Sum(o => o.GetProperty("count").GetInt32() * o.GetProperty($"{kind}_ms").GetDouble());
            Assert.Equal(Value("convolutions_ms"), alone, 1e-6);
        }

        int Count(string layer) =>
            operations.Where(o => o.GetProperty("layer").GetString() == layer).Sum(o => o.GetProperty("count").GetInt32());
        Assert.Equal((convolutions, attentions), (Count("Convolution"), Count("Attention")));
    }

    [Fact]
    public void The_step_is_measured_in_bfloat16()
    {
        var answer = ProgramRunner.Run(
            Path.GetTempPath(), "bench", "step", "--model", "convnext_atto", "--size", "32", "--batch", "1", "--amp", "bf16",
            "--seconds", "0", "--classes", "3");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("convnext_atto, 32 px, 1 image per step, BFloat16", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no architecture 'resnet5o'", "--model", "resnet5o")]
    [InlineData(2, "batch_size is 0", "--batch", "0")]
    [InlineData(2, "half", "--amp", "half")]
    [InlineData(1, "--amp fp16 needs CUDA", "--amp", "fp16", "--device", "cpu")]
    public void Invalid_arguments_are_refused(int exitCode, string expected, params string[] arguments)
    {
        var answer = ProgramRunner.Run(Path.GetTempPath(), ["bench", "step", .. arguments]);
        Assert.Equal(exitCode, answer.ExitCode);
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operations_contain_all_work_of_a_pass_and_only_the_first_has_an_input_without_gradient()
    {
        var device = ComputeDevice.Cpu; // loads libtorch
        Assert.False(device.IsCuda);
        var architecture = Zoo.Build("resnet50", new() { Classes = 3, InputSize = 64 });
        var operations = StepBench.Operations(architecture, 4);
        Assert.Equal(FlopCounter.Count(architecture, 4).MultiplyAdds, operations.Sum(o => o.Count * o.MultiplyAdds));
        Assert.Equal(53, operations.Where(o => o.Layer == LayerKind.Convolution).Sum(o => o.Count));
        var first = Assert.Single(operations, o => !o.InputLearns);
        Assert.Equal((1, 3L), (first.Count, first.Operation.Operands[0].Shape[1]));
    }
}

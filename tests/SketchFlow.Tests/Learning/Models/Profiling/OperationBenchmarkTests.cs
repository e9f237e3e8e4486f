using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Tests.Learning.Training;

namespace SketchFlow.Tests.Learning.Models.Profiling;

/// <summary>Benchmarks of a model's single operations. They run alone, because the number of live tensors is checked.</summary>
[Collection(nameof(Alone))]
public class OperationBenchmarkTests
{
    [Theory]
    [InlineData("resnet10t", 32)]
    [InlineData("convnext_atto", 32)]
    [InlineData("vit_tiny_patch16_224", 32)]
    [InlineData("swin_tiny_patch4_window7_224", 32)]
    public void Every_operation_runs_alone_forward_and_backward_and_leaves_no_tensor(string name, int size)
    {
        var device = ComputeDevice.Cpu;
        var architecture = Zoo.Build(name, new() { Classes = 7, InputSize = size });
        var operations = OperationTrace.Record(architecture, 1).Select(l => l.Operation).Distinct().ToList();
        var before = Alone.LiveTensors();
        foreach (var operation in operations)
        {
            using var alone = new OperationBenchmark(operation, device, ComputePrecision.Float32);
            alone.RunForward();
            alone.RunForwardAndBackward();
        }

        Assert.Equal(before, LibTorch.LiveTensors);
    }

    [Fact]
    public void An_operation_runs_alone_in_bfloat16_and_without_a_gradient_for_the_images()
    {
        var device = ComputeDevice.Cpu;
        var layers = OperationTrace.Record(Zoo.Build("resnet10t", new() { Classes = 7, InputSize = 32 }), 1);
        using var first = new OperationBenchmark(layers[0].Operation, device, ComputePrecision.BFloat16, inputGradient: false);
        first.RunForward();
        first.RunForwardAndBackward();
    }
}

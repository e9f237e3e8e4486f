using SketchFlow.Learning.Export;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Export;

/// <summary>Exported models, run by ONNX Runtime.</summary>
public class OnnxExporterTests
{
    // Largest difference of the logits, relative to the largest logit.
    private const double Tolerance = 1e-4;

    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void ONNX_Runtime_gives_the_logits_of_the_model_for_any_number_of_images(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var weights = Filled(architecture);
        using var session = new OnnxSession(OnnxExporter.Export(architecture, weights.Tensors, new() { Temperature = 2 }), threads: 1);
        var random = new Random(3);
        foreach (var count in new[] { 1, 2, 7 })
        {
            var pixels = new byte[count * size * size * 3];
            random.NextBytes(pixels);
            var expected = architecture.Forward(new ForwardContext(weights.Tensors), Normalized(pixels, count, size, architecture.Preprocessing));
            var found = session.Run("images", pixels, [count, size, size, 3], "logits");
            var logits = expected.contiguous().data<float>().ToArray();
            var largest = logits.Max(MathF.Abs);
            Assert.True(largest > 0.01, $"The logits are {largest}.");
            Assert.InRange(logits.Zip(found, (a, b) => Math.Abs(a - b)).Max() / largest, 0, Tolerance);
            var probabilities = (expected / 2).softmax(1).contiguous().data<float>().ToArray();
            Assert.All(session.Run("images", pixels, [count, size, size, 3], "probabilities").Zip(probabilities), p => Assert.Equal(p.First, p.Second, 1e-4));
        }
    }

    private static ModelWeights Filled(Architecture architecture)
    {
        var weights = ModelWeights.Fresh(architecture, 1);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            ParityCheck.Fill(tensor, spec, gain: 1);
        }

        return weights;
    }

    private static torch.Tensor Normalized(byte[] pixels, int count, int size, Preprocessing preprocessing)
    {
        var values = pixels.Select((p, i) => (float)(((p / 255.0) - preprocessing.Mean[i % 3]) / preprocessing.Std[i % 3])).ToArray();
        return torch.tensor(values, [count, size, size, 3]).permute(0, 3, 1, 2);
    }
}

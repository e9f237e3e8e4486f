using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

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
        using var oldest = new OnnxSession(Export(architecture, weights, new()), threads: 1);
        using var newest = new OnnxSession(Export(architecture, weights, new() { Opset = OnnxNetworkOptions.HighestOpset }), threads: 1);
        foreach (var (session, count) in new[] { (oldest, 1), (oldest, 2), (oldest, 7), (newest, 3) })
        {
            var pixels = Pixels(count, size);
            var expected = Forward(architecture, weights, pixels, count, size);
            var largest = expected.Max(MathF.Abs);
            Assert.True(largest > 0.01, $"The logits are {largest}.");
            var found = session.Run([OnnxTensor.Of("images", pixels, [count, size, size, 3])], ["logits", "embedding"]);
            Assert.InRange(LargestDifference(expected, found[0]) / largest, 0, Tolerance);
            if (architecture.SecondClassifier is null)
            {
                Assert.InRange(LargestDifference(expected, Classify(architecture, weights, found[1], count)) / largest, 0, Tolerance);
            }
        }
    }

    [Fact]
    public void Weights_of_16_bits_halve_the_file_and_change_the_logits_by_less_than_their_rounding()
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        var architecture = ZooTests.Build("resnet18", new() { Classes = 7, InputSize = 64 });
        using var weights = Filled(architecture);
        var (whole, half) = (Export(architecture, weights, new()), Export(architecture, weights, new() { Weights = OnnxWeights.Float16 }));
        Assert.InRange((double)half.Length / whole.Length, 0.5, 0.51);
        var pixels = Pixels(4, 64);
        var expected = Forward(architecture, weights, pixels, 4, 64);
        using var session = new OnnxSession(half, threads: 1);
        var difference = LargestDifference(expected, session.Run("images", pixels, [4, 64, 64, 3], "logits")) / expected.Max(MathF.Abs);
        Assert.InRange(difference, 1e-6, 5e-3);
    }

    [Fact]
    public void Weights_outside_of_the_range_of_16_bits_stay_in_32_bits()
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        var architecture = ZooTests.Build("resnet18", new() { Classes = 7, InputSize = 64 });
        using var weights = Filled(architecture);
        weights.Tensors[IndexOf(architecture, "fc.weight")].mul_(Keep(1e7));
        var pixels = Pixels(1, 64);
        var expected = Forward(architecture, weights, pixels, 1, 64);
        using var session = new OnnxSession(Export(architecture, weights, new() { Weights = OnnxWeights.Float16 }), threads: 1);
        Assert.InRange(LargestDifference(expected, session.Run("images", pixels, [1, 64, 64, 3], "logits")) / expected.Max(MathF.Abs), 0, 5e-3);
    }

    [Fact]
    public void Large_tensors_are_read_from_the_second_file()
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        using var folder = new TemporaryFolder();
        var architecture = ZooTests.Build("resnet18", new() { Classes = 7, InputSize = 64 });
        using var weights = Filled(architecture);
        using (var model = File.Create(folder["m.onnx"]))
        using (var data = File.Create(folder["m.onnx.data"]))
        {
            Build(architecture, weights, new()).Write(model, new OnnxModelHeader(), new OnnxExternalData("m.onnx.data", data));
        }

        Assert.InRange(new FileInfo(folder["m.onnx"]).Length, 10_000, 300_000);
        Assert.InRange(new FileInfo(folder["m.onnx.data"]).Length, 40_000_000, 50_000_000);
        using var session = OnnxSession.Load(folder["m.onnx"], threads: 1);
        var pixels = Pixels(2, 64);
        var expected = Forward(architecture, weights, pixels, 2, 64);
        Assert.InRange(LargestDifference(expected, session.Run("images", pixels, [2, 64, 64, 3], "logits")) / expected.Max(MathF.Abs), 0, Tolerance);
    }

    [Long]
    [Theory]
    [MemberData(nameof(ZooTests.Small), MemberType = typeof(ZooTests))]
    public void A_network_in_8_bits_gives_nearly_the_logits_of_the_model(string name, int size)
    {
        var (error, bytes) = Quantized(name, size);
        Assert.True(bytes.Int8 < bytes.Float32, $"{bytes.Int8} of {bytes.Float32} bytes");
        // The standardised kernels of BiT amplify any rounding where the weights are random; 16 bits show it too.
        Assert.InRange(error, 1e-6, name.EndsWith("_bit", StringComparison.Ordinal) ? 0.5 : 0.15);
    }

    [Theory]
    [InlineData("resnet18", 0.26)]
    [InlineData("efficientnet_b0", 0.4)]
    [InlineData("convnext_atto", 0.32)]
    [InlineData("vit_tiny_patch16_224", 0.3)]
    public void A_network_in_8_bits_takes_about_a_quarter_of_the_file(string name, double share)
    {
        var (error, bytes) = Quantized(name, 64);
        Assert.InRange((double)bytes.Int8 / bytes.Float32, 0.2, share);
        Assert.InRange(error, 1e-6, 0.1);
    }

    // The root mean square error of the logits, relative to their size, and the sizes of both files.
    private static (double Error, (int Float32, int Int8) Bytes) Quantized(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        const int Count = 7;
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var weights = Filled(architecture);
        using var model = FlatModel.Create(architecture, weights.Tensors, torch.CPU, channelsLast: false, learns: false);
        var pixels = Pixels(Count, size);
        var calibrator = new Calibrator(model);
        using (var batch = Batch(pixels, Count, size))
        {
            calibrator.Add(batch, [TtaView.Plain]);
        }

        var (whole, small) = (Export(architecture, weights, new()), Export(architecture, weights, new() { Ranges = calibrator.FindRanges() }));
        using var session = new OnnxSession(small, threads: 1);
        var expected = Forward(architecture, weights, pixels, Count, size);
        var found = session.Run("images", pixels, [Count, size, size, 3], "logits");
        return (Math.Sqrt(expected.Zip(found, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(x => x * x)), (whole.Length, small.Length));
    }

    private static PixelBatch Batch(byte[] pixels, int count, int size)
    {
        // The loader's pixels are blue, green, red.
        byte[] swapped = [.. pixels.Chunk(3).SelectMany(p => p.Reverse())];
        Pixels[] images =
        [
            .. swapped.Chunk(3 * size * size).Select((image, i) => SketchFlow.Data.Images.Pixels.From(new Sample(i, "", "", null), size, size, 3, image)),
        ];
        var batch = PixelBatch.Stack(images);
        Array.ForEach(images, image => image.Dispose());
        return batch;
    }

    private static byte[] Export(Architecture architecture, ModelWeights weights, OnnxNetworkOptions options)
    {
        using var stream = new MemoryStream();
        Build(architecture, weights, options).Write(stream, new OnnxModelHeader { Opset = options.Opset });
        return stream.ToArray();
    }

    private static OnnxGraph Build(Architecture architecture, ModelWeights weights, OnnxNetworkOptions options)
    {
        var graph = new OnnxGraph(architecture.Name);
        var images = OnnxExporter.AddImages(graph, "images", OnnxInput.Bytes, architecture.InputSize);
        var outputs = OnnxExporter.AddNetwork(graph, architecture, weights.Tensors, images, options);
        graph.AddNode("Identity", [outputs.Logits], output: "logits");
        graph.AddNode("Identity", [outputs.Embedding], output: "embedding");
        graph.AddOutput("logits", OnnxType.Float32, -1, 7);
        graph.AddOutput("embedding", OnnxType.Float32, -1, outputs.Features);
        return graph;
    }

    private static byte[] Pixels(int count, int size)
    {
        var pixels = new byte[count * size * size * 3];
        new Random(count).NextBytes(pixels);
        return pixels;
    }

    private static float[] Forward(Architecture architecture, ModelWeights weights, byte[] pixels, int count, int size) =>
        architecture.Forward(new ForwardContext(weights.Tensors), Normalized(pixels, count, size, architecture.Preprocessing))
            .contiguous().data<float>().ToArray();

    /// <summary>Applies the last layer to the embedding.</summary>
    private static float[] Classify(Architecture architecture, ModelWeights weights, float[] embedding, int count)
    {
        torch.Tensor Of(string part) => weights.Tensors[IndexOf(architecture, $"{architecture.Classifier}.{part}")];
        var matrix = Of("weight").reshape(7, -1);
        return torch.nn.functional.linear(torch.tensor(embedding, [count, matrix.shape[1]]), matrix, Of("bias")).data<float>().ToArray();
    }

    private static int IndexOf(Architecture architecture, string tensor) =>
        architecture.Tensors.Select((t, i) => (t.Name, i)).Single(t => t.Name == tensor).i;

    private static double LargestDifference(float[] expected, float[] found) => expected.Zip(found, (a, b) => Math.Abs(a - b)).Max();

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

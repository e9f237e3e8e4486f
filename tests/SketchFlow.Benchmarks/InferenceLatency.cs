using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using TorchSharp;

namespace SketchFlow.Benchmarks;

/// <summary>
/// Measures single steps of inference with libtorch and ONNX Runtime: images/s and latencies. <c>tests/reference/inference_peers.py</c> measures peers.
/// </summary>
/// <remarks>
/// <c>inference FOLDER SECONDS BATCH [--images DIR] NAME…</c> writes the exported networks into the folder and prints a line of JSON for each engine. With a
/// folder of images, a step goes from the bytes of files to logits: it decodes and resizes on all cores, then computes.
/// </remarks>
internal static class InferenceLatency
{
    private const int Classes = 125;

    /// <summary>Measures each network.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments is not [var folder, var seconds, var batch, .. var names])
        {
            Console.Error.WriteLine("Expected FOLDER SECONDS BATCH [--images DIR] NAME…");
            return 2;
        }

        LibTorch.Load();
        EncodedImages? encoded = null;
        if (names is ["--images", var images, .. var others])
        {
            (encoded, names) = (new EncodedImages(images), others);
        }

        foreach (var name in names)
        {
            Measure(folder, double.Parse(seconds, CultureInfo.InvariantCulture), int.Parse(batch, CultureInfo.InvariantCulture), name, encoded);
        }

        return 0;
    }

    private static void Measure(string folder, double seconds, int batch, string name, EncodedImages? encoded)
    {
        var architecture = Zoo.Build(name, new() { Classes = Classes });
        var (side, file) = (architecture.InputSize, Path.Combine(folder, encoded is null ? $"{name}.onnx" : $"{name}-bytes.onnx"));
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.inference_mode();
        using var weights = ModelWeights.Fresh(architecture, 1);
        if (!File.Exists(file))
        {
            var graph = new OnnxGraph(name);
            var images = OnnxExporter.AddImages(graph, "images", encoded is null ? OnnxInput.Floats : OnnxInput.Bytes, side);
            graph.AddNode("Identity", [OnnxExporter.AddNetwork(graph, architecture, weights.Tensors, images, new()).Logits], output: "logits");
            graph.AddOutput("logits", OnnxType.Float32, -1, Classes);
            OnnxModelFile.Write(graph, file, new OnnxModelHeader());
        }

        using var session = OnnxSession.Load(file);
        using var model = FlatModel.Create(architecture, weights, ComputeDevice.Cpu, channelsLast: true, learns: false);
        var step = new InferenceStep(model, architecture.Preprocessing, ComputePrecision.Float32);
        if (encoded is not null)
        {
            Print("onnx from bytes", Times(seconds, () =>
            {
                using var pixels = encoded.Next(batch, (int)side);
                session.Run(ModelImages.ToInputs([pixels], ImageLayout.Bytes), ["logits"]);
            }));
            Print("libtorch from bytes", Times(seconds, () =>
            {
                using var pixels = encoded.Next(batch, (int)side);
                step.Logits(pixels);
            }));
            return;
        }

        var noise = new float[batch * 3 * side * side];
        var random = new Random(0);
        foreach (ref var value in noise.AsSpan())
        {
            value = random.NextSingle();
        }

        Print("onnx", Times(seconds, () => session.Run("images", noise, [batch, 3, side, side], "logits")));
        using var input = torch.tensor(noise, [batch, 3, side, side]).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Print("libtorch", Times(seconds, () => step.Logits(input)));

        void Print(string engine, List<double> times)
        {
            times.Sort();
            var (p50, p99) = (times[times.Count / 2], times[(int)(0.99 * (times.Count - 1))]);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                engine,
                name,
                batch,
                rate = Math.Round(batch / p50, 1),
                p50 = Math.Round(1000 * p50, 1),
                p99 = Math.Round(1000 * p99, 1),
            }));
        }
    }

    private static List<double> Times(double seconds, Action step)
    {
        step();
        step();
        var (times, begin) = (new List<double>(), Stopwatch.GetTimestamp());
        while (times.Count < 3 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
        {
            var start = Stopwatch.GetTimestamp();
            step();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return times;
    }
}

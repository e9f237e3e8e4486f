using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Parity;

/// <summary>Compares an architecture with timm's results for deterministic weights that need no download (parity/README.md).</summary>
public static class ParityCheck
{
    // Increment of SplitMix64, 2^64 divided by the golden ratio.
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    // Number of elements per parallel task, large enough that scheduling costs nothing.
    private const int Chunk = 1 << 18;

    /// <summary>Builds the fixture's architecture, compares its tensors, fills them with the deterministic weights, and compares the logits.</summary>
    /// <param name="fixture">timm's results.</param>
    /// <param name="exported">Computes the logits with ONNX Runtime; null computes them with libtorch.</param>
    /// <exception cref="RefusalException">The fixture names an unknown architecture, or an input size that it does not support.</exception>
    public static ParityResult Verify(ParityFixture fixture, ExportedLogits? exported = null)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        var architecture = Zoo.Build(fixture.Model, new() { Classes = fixture.Classes, InputSize = fixture.InputSize });
        var differences = fixture.Differences(architecture);
        var error = double.NaN;
        if (differences.IsEmpty)
        {
            using var weights = fixture.WeightsSize is { } size ? ResizedWeights(architecture, fixture, size) : FilledWeights(architecture, fixture.Gain);
            using var scope = torch.NewDisposeScope();
            using var quiet = torch.inference_mode();
            var images = Images(architecture.InputSize);
            var logits = exported?.Compute(architecture, weights.Tensors, images) ?? Forward(architecture, weights.Tensors, images);
            error = Error(logits, fixture);
        }

        return new ParityResult(fixture.Model, architecture.Parameters, fixture.Parameters, error, differences);
    }

    private static ModelWeights FilledWeights(Architecture architecture, double gain)
    {
        var weights = ModelWeights.Empty(architecture);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            Fill(tensor, spec, gain);
        }

        return weights;
    }

    /// <summary>Fills weights at another image size, saves them, and loads them into the architecture.</summary>
    private static ModelWeights ResizedWeights(Architecture architecture, ParityFixture fixture, int size)
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var filled = FilledWeights(Zoo.Build(fixture.Model, new() { Classes = fixture.Classes, InputSize = size }), fixture.Gain))
            {
                filled.Save(file);
            }

            return ModelWeights.Load(architecture, file, seed: 0).Weights;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Fills a tensor with the deterministic weights of its name and shape.</summary>
    internal static unsafe void Fill(torch.Tensor tensor, TensorSpec spec, double gain)
    {
        if (spec.Role == TensorRole.Counter)
        {
            tensor.zero_();
            return;
        }

        // The first matching row of the table in parity/README.md applies: centre + factor x u, or centre + factor x (2u - 1) if signed.
        var (centre, factor, signed) =
            spec.Name.EndsWith("running_var", StringComparison.Ordinal) ? (1, 0.5, false)
            : spec.Name.EndsWith("running_mean", StringComparison.Ordinal) ? (0, 0.1, true)
            : spec.Shape.Length > 1 ? (0, gain * Math.Sqrt(3.0 / spec.Shape.Skip(1).Aggregate(1L, (a, b) => a * b)), true)
            : spec.Name.EndsWith("bias", StringComparison.Ordinal) ? (0, 0.1, true)
            : (1, 0.1, true);
        fixed (byte* first = tensor.bytes)
        {
            var values = (float*)first;
            var seed = KeyedRandom.Hash(spec.Name);
            Parallel.For(0, (spec.Count + Chunk - 1) / Chunk, chunk =>
            {
                var end = Math.Min(spec.Count, (chunk + 1) * Chunk);
                for (var i = chunk * Chunk; i < end; i++)
                {
                    var u = Unit(seed, i);
                    values[i] = (float)(centre + (factor * (signed ? (2 * u) - 1 : u)));
                }
            });
        }
    }

    /// <summary>Computes element <paramref name="i"/> of the uniform sequence (<c>units</c> in parity/README.md) from the top 24 bits of SplitMix64.</summary>
    internal static double Unit(ulong seed, long i)
    {
        var z = seed + ((ulong)(i + 1) * GoldenGamma);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 40) * (1.0 / (1 << 24));
    }

    /// <summary>Creates the two test images (2, 3, side, side) in channels-last memory.</summary>
    internal static torch.Tensor Images(int side)
    {
        var plane = 3 * side * side;
        var seed = KeyedRandom.Hash("input");
        var values = new float[2 * plane];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)((2 * Unit(seed, i)) - 1);
        }

        for (var i = plane; i < values.Length; i++)
        {
            var ramp = (2.0 * (i % side) / (side - 1)) - 1;
            values[i] = (float)((0.5 * values[i]) + ramp);
        }

        using var scope = torch.NewDisposeScope();
        return torch.tensor(values, [2, 3, side, side]).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private static float[] Forward(Architecture architecture, IReadOnlyList<torch.Tensor> weights, torch.Tensor images) =>
        architecture.Forward(new ForwardContext(weights), images).contiguous().data<float>().ToArray();

    private static double Error(float[] found, ParityFixture fixture)
    {
        var stored = (fixture.Classes + fixture.LogitStride - 1) / fixture.LogitStride;
        var difference = 0.0;
        foreach (var (i, expected) in fixture.Logits.Index())
        {
            var (image, position) = Math.DivRem(i, stored);
            var d = Math.Abs(found[(image * fixture.Classes) + (position * fixture.LogitStride)] - expected);
            difference = double.IsNaN(d) ? double.PositiveInfinity : Math.Max(difference, d);
        }

        return difference / fixture.MaxAbsoluteLogit;
    }
}

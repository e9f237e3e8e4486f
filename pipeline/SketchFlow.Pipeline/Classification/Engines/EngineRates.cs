using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Inference;
using SketchFlow.Learning.Native;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Classification.Engines;

/// <summary>Images per second of both engines for one model, batch size and CPU, kept in a file.</summary>
/// <param name="Torch">Those of libtorch.</param>
/// <param name="Onnx">Those of ONNX Runtime.</param>
/// <remarks>
/// A file of weights is recognised by its length and the time of its last change, which cost nothing to read; a checksum would read all weights at every
/// start. This is safe: rates only choose between two engines that give the same classes, so rates of another file could cost time, but no answer.
/// </remarks>
internal sealed record EngineRates(double Torch, double Onnx)
{
    private const int Rounds = 3;
    private static readonly JsonSerializerOptions _format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Whether ONNX Runtime is faster.</summary>
    [JsonIgnore]
    public bool PrefersOnnx => Onnx > Torch;

    /// <summary>Returns the file of the rates.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="plan">The networks.</param>
    /// <param name="batch">Number of images per batch.</param>
    public static string FileOf(Artifacts artifacts, ClassifierPlan plan, int batch)
    {
        var facts = new StringBuilder();
        foreach (var (views, part) in plan.Members.SelectMany(m => m.Parts.Select(p => (m.Augmentation, Part: p))))
        {
            var weights = new FileInfo(part.File);
            facts.Append(
                CultureInfo.InvariantCulture,
                $"{part.Recipe.Architecture} {part.Classes.Length} {weights.Length} {weights.LastWriteTimeUtc.Ticks} {part.Recipe.ImageSize} {views}\n");
        }

        facts.Append(CultureInfo.InvariantCulture, $"{batch} {Cpu.Name} {ComputeThreads.Count} {LibTorch.Describe()} {OnnxSession.RuntimeVersion}");
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts.ToString())))[..16];
        return Path.Combine(artifacts.Engines, $"{key}.json");
    }

    /// <summary>Reads a file; null if there is none, or it cannot be read.</summary>
    public static EngineRates? Read(string file)
    {
        try
        {
            var rates = File.Exists(file) ? JsonSerializer.Deserialize<EngineRates>(File.ReadAllText(file), _format) : null;
            return rates is { Torch: > 0, Onnx: > 0 } ? rates : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Measures both engines alternately on grey noise.</summary>
    /// <param name="torch">libtorch.</param>
    /// <param name="onnx">ONNX Runtime, with the same sizes of images.</param>
    /// <param name="batch">Number of images per batch.</param>
    public static EngineRates Measure(IClassificationEngine torch, IClassificationEngine onnx, int batch)
    {
        using var images = Noise(torch, batch);
        var calls = AlternatingTimer.Measure(Rounds, () => torch.Predict(images), () => onnx.Predict(images));
        return new EngineRates(batch * calls[0], batch * calls[1]);
    }

    /// <summary>Writes the file.</summary>
    public void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        WholeFile.WriteText(file, JsonSerializer.Serialize(this, _format) + "\n");
    }

    private static PreparedBatch Noise(IClassificationEngine engine, int batch)
    {
        var random = new Random(0);
        var sample = new Sample(0, "", "", null);
        PreparedImage[] images =
        [
            .. Enumerable.Range(0, batch).Select(_ => PreparedImage.Of([.. engine.Sizes.Select(size =>
            {
                var bytes = new byte[size.Side * size.Side];
                random.NextBytes(bytes);
                return Pixels.From(sample, size.Side, size.Side, 1, bytes);
            })])),
        ];
        var stacked = PreparedBatch.Stack(images);
        Array.ForEach(images, image => image.Dispose());
        return stacked;
    }
}

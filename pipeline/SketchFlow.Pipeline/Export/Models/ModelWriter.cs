using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Inference;
using SketchFlow.Learning.Export.Quantization;
using SketchFlow.Learning.Precision;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>Writes a trained model as ONNX, and computes its logits for the drawings of the certificate.</summary>
internal sealed class ModelWriter
{
    private readonly ClassifierPlan _plan;
    private readonly ExportOptions _options;

    /// <summary>Creates a writer.</summary>
    /// <param name="plan">The networks of the model and their combination.</param>
    /// <param name="options">Settings.</param>
    public ModelWriter(ClassifierPlan plan, ExportOptions options)
    {
        (_plan, _options) = (plan.WithContiguousWeights(), options);
        WeightsSha256 = string.Join(", ", plan.Members.SelectMany(m => m.Parts).Select(p => FileHash.Sha256(p.File)));
    }

    /// <summary>SHA-256 of each file of weights.</summary>
    public string WeightsSha256 { get; }

    /// <summary>Writes the model.</summary>
    /// <param name="file">The ONNX file, in a temporary folder.</param>
    /// <param name="calibration">Finds the ranges for a model in 8 bits, which is written next to one in float32; null writes float32 alone.</param>
    public WrittenModel Write(string file, Func<TorchEngine, IReadOnlyDictionary<NetworkPass, ActivationRanges>>? calibration = null)
    {
        // The networks are freed before ONNX Runtime loads the model.
        using var engine = new TorchEngine(_plan, new ClassifierOptions { Device = "cpu", Amp = AmpMode.Off, BatchSize = 1 });
        var header = new OnnxModelHeader { Opset = _options.Network.Opset, Metadata = Describe(engine).ToMetadata() };
        var drawings = new CertificateImages(engine.Decode, engine.Sizes);
        try
        {
            ImmutableArray<float[]> expected = [.. drawings.Batches.Select(batch => Expected(engine, batch))];
            var float32 = file;
            if (calibration is not null)
            {
                float32 = Path.Combine(Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(file)!, "float32")).FullName, Path.GetFileName(file));
                OnnxModelFile.Write(new ExportedGraph(_plan, engine, _options, calibration(engine)).Build(), file, header, _options.ExternalData);
            }

            OnnxModelFile.Write(new ExportedGraph(_plan, engine, _options).Build(), float32, header, _options.ExternalData);
            return new WrittenModel(
                file, float32, engine.Decode, engine.Sizes, drawings, _options.Resize ? new CertificateImages(engine.Decode, []) : drawings, expected);
        }
        catch
        {
            drawings.Dispose();
            throw;
        }
    }

    private float[] Expected(TorchEngine engine, PreparedBatch batch)
    {
        var logits = engine.MemberLogits(batch);
        var smallest = ExportedGraph.SmallestProbability(_plan.Combination.Rule);
        return logits is [var only] ? only : [.. _plan.Combine(logits).Probabilities.Select(p => (float)Math.Log(Math.Max(p, smallest)))];
    }

    private ExportedModelDescription Describe(TorchEngine engine) => new()
    {
        Architecture = _plan.Architectures,
        Classes = _plan.Classes,
        Preparations = engine.Sizes,
        Temperature = _plan.Members is [var only] ? only.Temperature : null,
        WeightsSha256 = WeightsSha256,
        MaxPixels = engine.Decode.MaxPixels,
        Resizes = _options.Resize,
    };
}

using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Precision;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Graphs;

namespace SketchFlow.Pipeline.Export;

/// <summary>Writes a trained model as ONNX, and compares both on drawings before the file gets its name.</summary>
/// <param name="plan">The networks of the model and their combination.</param>
/// <param name="options">Settings.</param>
internal sealed class OnnxExportJob(ClassifierPlan plan, ExportOptions options)
{
    // Weights are stored in the order of the file, so that they are not copied.
    private readonly ClassifierPlan _plan = plan with { Members = [.. plan.Members.Select(Contiguous)] };

    /// <summary>Exports the model.</summary>
    /// <param name="file">The ONNX file; it is replaced if it exists.</param>
    /// <exception cref="RefusalException">The exported model gives other logits than the trained one.</exception>
    public ExportedModel Run(string file)
    {
        file = Path.GetFullPath(file);
        var folder = DeadTemporaries.NameFor(file);
        Directory.CreateDirectory(folder);
        try
        {
            return Run(file, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ExportedModel Run(string file, string folder)
    {
        string[] weights = [.. plan.Members.SelectMany(m => m.Parts).Select(p => FileHash.Sha256(p.File))];
        var written = Path.Combine(folder, Path.GetFileName(file));
        CertificateImages drawings;
        ImmutableArray<float[]> expected;
        ImmutableArray<PadResizeOptions> sizes;
        using (var engine = new TorchEngine(_plan, new ClassifierOptions { Device = "cpu", Amp = AmpMode.Off, BatchSize = 1 }))
        {
            sizes = engine.Sizes;
            drawings = new CertificateImages(engine.Decode, sizes);
            expected = [.. drawings.Batches.Select(batch => Expected(engine, batch))];
            var header = new OnnxModelHeader { Opset = options.Network.Opset, Metadata = Describe(engine, weights).ToMetadata() };
            OnnxModelFile.Write(new ExportedGraph(_plan, engine, options).Build(), written, header, options.ExternalData);
        }

        using (drawings)
        {
            var certificate = new CertificateMaker(plan, options).Create(written, drawings, expected, weights);
            Check(certificate);
            var evidence = Path.ChangeExtension(file, ".certificate.json");
            var data = new FileInfo(OnnxModelFile.DataOf(written));
            var bytes = new FileInfo(written).Length + (data.Exists ? data.Length : 0);
            File.Delete(OnnxModelFile.DataOf(file));
            if (data.Exists)
            {
                File.Move(data.FullName, OnnxModelFile.DataOf(file));
            }

            File.Move(written, file, overwrite: true);
            WholeFile.WriteText(evidence, certificate.ToJson());
            var kept = ExportScripts.Write(Path.GetDirectoryName(file)!);
            return new ExportedModel(file, evidence, bytes, certificate, sizes, kept);
        }
    }

    private static MemberPlan Contiguous(MemberPlan member) =>
        member with { Parts = [.. member.Parts.Select(p => p with { Recipe = p.Recipe with { ChannelsLast = false } })] };

    private float[] Expected(TorchEngine engine, PreparedBatch batch)
    {
        var logits = engine.MemberLogits(batch);
        var smallest = ExportedGraph.SmallestProbability(_plan.Combination.Rule);
        return logits is [var only] ? only : [.. _plan.Combine(logits).Probabilities.Select(p => (float)Math.Log(Math.Max(p, smallest)))];
    }

    private void Check(ParityCertificate certificate)
    {
        var architectures = string.Join(", ", plan.Members.SelectMany(m => m.Parts).Select(p => p.Recipe.Architecture).Distinct());
        if (options.Network.Weights == OnnxWeights.Float32 && !certificate.Holds)
        {
            throw new RefusalException(string.Create(
                CultureInfo.InvariantCulture,
                $"The exported model differs from {plan.Title} by {certificate.LargestDifference:0.0e+0}, where the largest logit is "
                + $"{certificate.LargestLogit:0.0e+0}; nothing was written. Please report this architecture: {architectures}."));
        }

        if (certificate.Agreement < ParityCertificate.LeastAgreement)
        {
            throw new RefusalException(
                $"With 16-bit weights, {plan.Title} names another class for {Percent.Text(1 - certificate.Agreement)} of the drawings; nothing was written. "
                + "Export it without --half.");
        }
    }

    private ExportedModelDescription Describe(TorchEngine engine, string[] weights) => new()
    {
        Architecture = string.Join(", ", plan.Members.SelectMany(m => m.Parts).Select(p => p.Recipe.Architecture).Distinct()),
        Classes = plan.Classes,
        Preparations = engine.Sizes,
        Temperature = plan.Members is [var only] ? only.Temperature : null,
        WeightsSha256 = string.Join(", ", weights),
        MaxPixels = engine.Decode.MaxPixels,
    };
}

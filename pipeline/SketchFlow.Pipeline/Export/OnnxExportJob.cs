using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Export;

/// <summary>Writes a trained network as ONNX, and compares both on drawings before the file gets its name.</summary>
internal sealed class OnnxExportJob(ClassifierPlan plan)
{
    private const int Opset = 17;

    /// <summary>Exports the network.</summary>
    /// <param name="file">The ONNX file; it is replaced if it exists.</param>
    /// <param name="input">Form of the images.</param>
    /// <exception cref="RefusalException">The model has several networks, or the exported one gives other logits.</exception>
    public ExportedModel Run(string file, OnnxInput input)
    {
        if (plan.Members is not [{ Parts: [var network] }])
        {
            var names = string.Join(", ", plan.Members.SelectMany(m => m.Parts).Select(p => p.Name));
            throw new RefusalException($"{plan.Title} has several networks ({names}), and a file is exported for one; export each by its name.");
        }

        var architecture = network.Build();
        var images = ImageFlow.Options(network.Recipe, architecture);
        using var model = network.Load(architecture, ComputeDevice.Cpu, channelsLast: true);
        var weights = FileHash.Sha256(network.File);
        var bytes = OnnxExporter.Export(model, new OnnxOptions
        {
            Opset = Opset,
            Input = input,
            Temperature = network.Temperature ?? 1,
            Metadata = new ExportedModelDescription
            {
                Architecture = architecture.Name,
                Classes = network.Classes,
                Preparation = images.Preparation,
                Temperature = network.Temperature,
                WeightsSha256 = weights,
                MaxPixels = images.Decode.MaxPixels,
            }.ToMetadata(),
        });
        using var drawings = new CertificateImages(images.Decode, images.Preparation);
        var certificate = Certify(model, bytes, input, drawings) with { WeightsSha256 = weights };
        if (!certificate.Holds)
        {
            throw new RefusalException(string.Create(
                CultureInfo.InvariantCulture,
                $"The exported model differs from {plan.Title} by {certificate.LargestDifference:0.0e+0}, where the largest logit is "
                + $"{certificate.LargestLogit:0.0e+0}; nothing was written. Please report this architecture: {architecture.Name}."));
        }

        var evidence = Path.ChangeExtension(file, ".certificate.json");
        WholeFile.Write(file, stream => stream.Write(bytes));
        WholeFile.WriteText(evidence, certificate.ToJson());
        return new ExportedModel(file, evidence, bytes.Length, certificate, architecture, images.Preparation);
    }

    private ParityCertificate Certify(FlatModel model, byte[] bytes, OnnxInput input, CertificateImages drawings)
    {
        var step = new InferenceStep(model, model.Architecture.Preprocessing, ComputePrecision.Float32);
        var expected = step.Logits(drawings.Batch);
        var rgb = ModelImages.ToBytes(drawings.Batch);
        var found = Exported(bytes, input, drawings.Batch);
        var classes = expected.Length / CertificateImages.Count;
        var images = Enumerable.Range(0, CertificateImages.Count).Select(i => new CertifiedImage(
            drawings.Names[i],
            CertificateImages.HashOf(rgb, i),
            [.. expected.AsSpan(i * classes, classes)],
            [.. found.AsSpan(i * classes, classes)])).ToImmutableArray();
        return new ParityCertificate(
            plan.Title,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)),
            "",
            expected.Max(MathF.Abs),
            expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(),
            images.Average(i => i.Logits.IndexOf(i.Logits.Max()) == i.ExportedLogits.IndexOf(i.ExportedLogits.Max()) ? 1.0 : 0),
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["onnxruntime"] = OnnxSession.RuntimeVersion,
                ["opset"] = Opset.ToString(CultureInfo.InvariantCulture),
                ["libtorch"] = LibTorch.Describe(),
            }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            images);
    }

    private static float[] Exported(byte[] bytes, OnnxInput input, PixelBatch images)
    {
        using var session = new OnnxSession(bytes);
        long side = images.Height;
        return input == OnnxInput.Bytes
            ? session.Run(ExportedModelDescription.Images, ModelImages.ToBytes(images), [images.Count, side, side, 3], ExportedModelDescription.Logits)
            : session.Run(ExportedModelDescription.Images, ModelImages.ToFloats(images), [images.Count, 3, side, side], ExportedModelDescription.Logits);
    }
}

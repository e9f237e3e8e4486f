using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Native;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Models;

namespace SketchFlow.Pipeline.Export;

/// <summary>Runs an exported model with ONNX Runtime and compares its logits with those of the trained one.</summary>
/// <param name="plan">The trained model.</param>
/// <param name="options">Settings of the export.</param>
internal sealed class CertificateMaker(ClassifierPlan plan, ExportOptions options)
{
    /// <summary>Creates the certificate.</summary>
    /// <param name="model">The exported model.</param>
    /// <param name="weights">SHA-256 of each file of weights.</param>
    public ParityCertificate Create(WrittenModel model, string weights)
    {
        var (file, drawings) = (model.File, model.Drawings);
        float[] logits = [.. model.Expected.SelectMany(batch => batch)];
        float[] exported = Exported(file, model.Inputs);
        var classes = plan.Classes.Length;
        ImmutableArray<CertifiedImage> images =
        [
            .. drawings.Hashes().Select((hash, i) => new CertifiedImage(
                drawings.Names[i], hash, [.. logits.AsSpan(i * classes, classes)], [.. exported.AsSpan(i * classes, classes)])),
        ];
        return new ParityCertificate(
            plan.Title,
            FileHash.Sha256(file),
            weights,
            logits.Max(MathF.Abs),
            logits.Zip(exported, (a, b) => Math.Abs(a - b)).Max(),
            images.Average(i => i.Logits.IndexOf(i.Logits.Max()) == i.ExportedLogits.IndexOf(i.ExportedLogits.Max()) ? 1.0 : 0),
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["onnxruntime"] = OnnxSession.RuntimeVersion,
                ["opset"] = options.Network.Opset.ToString(CultureInfo.InvariantCulture),
                ["libtorch"] = LibTorch.Describe(),
            }.ToImmutableSortedDictionary(StringComparer.Ordinal),
            images)
        {
            Resize = options.Resize ? ResizeCheck.Compare(model.Sizes, drawings.Batches, model.Inputs.Batches, options.Network.Opset) : null,
        };
    }

    private float[] Exported(string file, CertificateImages inputs)
    {
        using var session = OnnxSession.Load(file);
        var layout = options.Input == OnnxInput.Bytes ? ImageLayout.Bytes : ImageLayout.Floats;
        return [.. inputs.Batches.SelectMany(batch => ModelImages.Run(session, batch, layout, ExportedModelDescription.Logits))];
    }
}

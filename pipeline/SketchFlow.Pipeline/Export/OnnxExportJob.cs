using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Pipeline.Export.Quantization;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Export;

/// <summary>Writes a trained model as ONNX, and compares both on drawings before the file gets its name.</summary>
/// <param name="plan">The networks of the model and their combination.</param>
/// <param name="options">Settings.</param>
/// <param name="artifacts">The folder of all output, where a model in 8 bits finds the data set.</param>
/// <param name="progress">Opens progress displays.</param>
internal sealed class OnnxExportJob(ClassifierPlan plan, ExportOptions options, Artifacts artifacts, ProgressBarFactory progress)
{
    /// <summary>Exports the model.</summary>
    /// <param name="file">The ONNX file; it is replaced if it exists.</param>
    /// <param name="cancellation">Stops the calibration and the measurement of a model in 8 bits, and the export before the file gets its name.</param>
    /// <exception cref="RefusalException">The exported model gives other logits than the trained one, or loses too much accuracy.</exception>
    public ExportedModel Run(string file, CancellationToken cancellation)
    {
        file = Path.GetFullPath(file);
        DeadTemporaries.Delete(Path.GetDirectoryName(file)!, below: false);
        var folder = DeadTemporaries.NameFor(file);
        Directory.CreateDirectory(folder);
        try
        {
            return Run(file, folder, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ExportedModel Run(string file, string folder, CancellationToken cancellation)
    {
        var (writer, temporary) = (new ModelWriter(plan, options), Path.Combine(folder, Path.GetFileName(file)));
        var (model, quantization) = options.Int8 is null
            ? (writer.Write(temporary), null)
            : new QuantizedExport(plan, options, artifacts, progress).Write(writer, temporary, cancellation);
        using (model)
        {
            var certificate = new CertificateMaker(plan, options).Create(model, writer.WeightsSha256) with
            {
                Quantization = quantization,
            };
            Check(certificate);
            cancellation.ThrowIfCancellationRequested();
            var evidence = Path.ChangeExtension(file, ".certificate.json");
            var bytes = Move(model.File, file);
            WholeFile.WriteText(evidence, certificate.ToJson());
            var kept = ExportScripts.Write(Path.GetDirectoryName(file)!);
            return new ExportedModel(file, evidence, bytes, certificate, model.Sizes, kept);
        }
    }

    // Returns the size of the model with its external data.
    private static long Move(string written, string file)
    {
        var data = new FileInfo(OnnxModelFile.DataOf(written));
        var bytes = new FileInfo(written).Length + (data.Exists ? data.Length : 0);
        File.Delete(OnnxModelFile.DataOf(file));
        if (data.Exists)
        {
            File.Move(data.FullName, OnnxModelFile.DataOf(file));
        }

        File.Move(written, file, overwrite: true);
        return bytes;
    }

    private void Check(ParityCertificate certificate)
    {
        if (certificate.Resize is { Holds: false } resize)
        {
            throw new RefusalException(
                $"The exported model prepares images in another way than {plan.Title}: {Percent.Text(resize.DifferingLevels)} of the levels of the drawings "
                + $"differ, by up to {resize.LargestDifference} of 255; nothing was written. Export it without --resize.");
        }

        if (certificate.Quantization is { } quantization)
        {
            Check(quantization);
            return;
        }

        if (options.Network.Weights == OnnxWeights.Float32 && !certificate.Holds)
        {
            throw new RefusalException(string.Create(
                CultureInfo.InvariantCulture,
                $"The exported model differs from {plan.Title} by {certificate.LargestDifference:0.0e+0}, where the largest logit is "
                + $"{certificate.LargestLogit:0.0e+0}; nothing was written. Please report this architecture: {plan.Architectures}."));
        }

        if (options.Network.Weights == OnnxWeights.Float16 && certificate.Agreement < ParityCertificate.LeastAgreement)
        {
            throw new RefusalException(
                $"With 16-bit weights, {plan.Title} names another class for {Percent.Text(1 - certificate.Agreement)} of the drawings; nothing was written. "
                + "Export it without --half.");
        }
    }

    private void Check(QuantizationReport quantization)
    {
        if (quantization.Accuracy is { IsTooLow: true } accuracy && !options.Int8!.Force)
        {
            throw new RefusalException(string.Create(
                CultureInfo.InvariantCulture,
                $"In 8 bits, {accuracy.Model} loses {100 * accuracy.Loss.Score:0.00} points of accuracy on {accuracy.Rows} validation images (95 % interval "
                + $"{100 * accuracy.Loss.Low:0.00} to {100 * accuracy.Loss.High:0.00}, where {100 * QuantizationOptions.LargestLoss:0.0} is accepted); "
                + $"nothing was written. Export it without --int8, measure the ranges on more images with --calibration-images, or add --force."));
        }
    }
}

using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Writes a trained model in 8 bits, and measures what it loses and gains.</summary>
/// <param name="plan">The networks of the model and their combination.</param>
/// <param name="options">Settings of the export, with those of 8 bits.</param>
/// <param name="artifacts">The folder of all output, for the data set and the runs that estimate refits.</param>
/// <param name="progress">Opens progress displays.</param>
internal sealed class QuantizedExport(ClassifierPlan plan, ExportOptions options, Artifacts artifacts, ProgressBarFactory progress)
{
    private readonly QuantizationOptions _int8 = options.Int8!;

    /// <summary>Writes the model and the same one in float32.</summary>
    /// <param name="writer">Writes the model.</param>
    /// <param name="file">The ONNX file, in a temporary folder.</param>
    /// <param name="cancellation">Stops the calibration and the measurement.</param>
    /// <returns>Both models, and what was measured.</returns>
    /// <exception cref="RefusalException">There are no images for the calibration.</exception>
    public (WrittenModel Model, QuantizationReport Report) Write(ModelWriter writer, string file, CancellationToken cancellation)
    {
        var rows = QuantizationRows.Find(plan, _int8, artifacts, progress);
        var written = Write(writer, file, rows, cancellation);
        try
        {
            var (accuracy, notes) = MeasureAccuracy(written, rows, cancellation);
            ImmutableArray<SpeedComparison> speeds = [.. new QuantizationCheck(written, plan.Title, options.Input).MeasureSpeed()];
            return (written, new QuantizationReport(rows.Calibration.Length, accuracy, speeds, ByteProducts.OfThisCpu(), notes));
        }
        catch
        {
            written.Dispose();
            throw;
        }
    }

    private WrittenModel Write(ModelWriter writer, string file, QuantizationRows rows, CancellationToken cancellation) =>
        writer.Write(file, engine => Calibration.FindRanges(engine, rows.Calibration, progress, cancellation));

    // A refit learned from every labelled image: the run that estimates it is written in 8 bits too, and measured in its place.
    private (QuantizedAccuracy? Accuracy, ImmutableArray<string> Notes) MeasureAccuracy(
        WrittenModel written, QuantizationRows rows, CancellationToken cancellation)
    {
        if (!plan.Members.SelectMany(m => m.Parts).Any(p => EstimatorOf(p) is not null))
        {
            return MeasureAccuracy(written, plan.Title, rows, cancellation);
        }

        try
        {
            var estimating = plan with { Members = [.. plan.Members.Select(Estimating)] };
            var names = string.Join(", ", estimating.Members.SelectMany(m => m.Parts).Select(p => p.Name));
            var estimatorRows = QuantizationRows.Find(estimating, _int8, artifacts, progress);
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(written.File)!, "estimate")).FullName;
            var writer = new ModelWriter(estimating, options);
            using var estimator = Write(writer, Path.Combine(folder, Path.GetFileName(written.File)), estimatorRows, cancellation);
            return MeasureAccuracy(estimator, $"{plan.Title}, estimated by {names}", estimatorRows, cancellation);
        }
        catch (RefusalException e)
        {
            return (null, [$"The accuracy was not measured: {e.Message}"]);
        }
    }

    private (QuantizedAccuracy? Accuracy, ImmutableArray<string> Notes) MeasureAccuracy(
        WrittenModel written, string title, QuantizationRows rows, CancellationToken cancellation) => rows.Validation.IsEmpty
            ? (null, rows.Notes)
            : (new QuantizationCheck(written, title, options.Input).MeasureAccuracy(rows, progress, cancellation), rows.Notes);

    private MemberPlan Estimating(MemberPlan member) => member with
    {
        Parts =
        [
            .. member.Parts.SelectMany(part => EstimatorOf(part) is { } run
                ? RunPlans.CreateMember(new RunFolder(Path.Combine(artifacts.Runs, run)), member.Name, member.Augmentation).Parts
                : [part]),
        ],
    };

    private static string? EstimatorOf(NetworkPlan part) => part.Run is { } run ? RunIdentity.Read(run).EstimatedBy : null;
}

using SketchFlow.Inference;
using SketchFlow.Learning.Export;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Compares a model in 8 bits with the same model in float32, both run by ONNX Runtime.</summary>
/// <param name="model">Both models.</param>
/// <param name="title">Title of the trained model.</param>
/// <param name="input">Form of the images.</param>
internal sealed class QuantizationCheck(WrittenModel model, string title, OnnxInput input)
{
    private readonly ImageLayout _layout = input == OnnxInput.Bytes ? ImageLayout.Bytes : ImageLayout.Floats;

    /// <summary>Measures the accuracy of both on the same images.</summary>
    /// <param name="rows">The images.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The accuracy; null if there is no usable image.</returns>
    public QuantizedAccuracy? MeasureAccuracy(QuantizationRows rows, ProgressBarFactory progress, CancellationToken cancellation)
    {
        using var float32 = OnnxSession.Load(model.Float32File);
        using var int8 = OnnxSession.Load(model.File);
        var (targets, exact, rounded) = (new List<int>(), new List<float>(), new List<float>());
        using (var bar = progress("validate", rows.Validation.Length, "images"))
        {
            foreach (var (samples, batch) in PreparedRows.Prepare(model.Decode, model.InputSizes, rows.Validation, cancellation))
            {
                using (batch)
                {
                    targets.AddRange(samples.Select(s => s.Target!.Value));
                    exact.AddRange(ModelImages.Run(float32, batch, _layout, ExportedModelDescription.Probabilities));
                    rounded.AddRange(ModelImages.Run(int8, batch, _layout, ExportedModelDescription.Probabilities));
                }

                bar.Report(targets.Count);
            }
        }

        if (targets.Count == 0)
        {
            return null;
        }

        var (labels, classes) = (targets.ToArray(), exact.Count / targets.Count);
        var (a, b) = (EnsemblePrediction.Of(exact, classes), EnsemblePrediction.Of(rounded, classes));
        return new QuantizedAccuracy(
            labels.Length, Resampling.Score(a, labels, Objective.Accuracy), Resampling.Score(b, labels, Objective.Accuracy),
            Resampling.Difference(a, b, labels), title);
    }

    /// <summary>Measures the speed of both with one drawing and with several.</summary>
    public IEnumerable<SpeedComparison> MeasureSpeed()
    {
        using var float32 = OnnxSession.Load(model.Float32File);
        using var int8 = OnnxSession.Load(model.File);
        foreach (var batch in (PreparedBatch[])[model.Inputs.First!, model.Inputs.Batches[0]])
        {
            yield return SpeedComparison.Measure(float32, int8, batch, _layout);
        }
    }
}

using SketchFlow.Inference;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Speed of a model in 8 bits on this CPU.</summary>
/// <param name="Batch">Number of images per batch.</param>
/// <param name="Float32">Images per second in float32.</param>
/// <param name="Int8">Images per second in 8 bits.</param>
public sealed record SpeedComparison(int Batch, double Float32, double Int8)
{
    private const int Rounds = 5;

    /// <summary>Measures both models alternately.</summary>
    /// <param name="float32">The model in float32.</param>
    /// <param name="int8">The model in 8 bits.</param>
    /// <param name="batch">Images.</param>
    /// <param name="layout">The form in which both models take images.</param>
    internal static SpeedComparison Measure(OnnxSession float32, OnnxSession int8, PreparedBatch batch, ImageLayout layout)
    {
        var count = batch.Items.Length;
        var calls = AlternatingTimer.Measure(Rounds, () => Run(float32), () => Run(int8));
        return new SpeedComparison(count, count * calls[0], count * calls[1]);

        void Run(OnnxSession session) => _ = ModelImages.Run(session, batch, layout, ExportedModelDescription.Logits);
    }
}

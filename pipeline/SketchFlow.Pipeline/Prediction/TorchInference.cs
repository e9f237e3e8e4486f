using SketchFlow.Data.Images;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Computes logits with libtorch.</summary>
/// <param name="model">The network; the caller keeps ownership.</param>
/// <param name="precision">Precision of convolutions and matrix products.</param>
/// <param name="views">Views of each image.</param>
internal sealed class TorchInference(FlatModel model, ComputePrecision precision, IReadOnlyList<TtaView> views) : IBatchInference
{
    private readonly InferenceStep _step = new(model, model.Architecture.Preprocessing, precision);

    /// <inheritdoc/>
    public float[][] Logits(PixelBatch batch) => views is [var only] && only == TtaView.Plain ? [_step.Logits(batch)] : _step.Logits(batch, views);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The model belongs to the caller.
    }
}

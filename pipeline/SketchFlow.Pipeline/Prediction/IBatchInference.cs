using SketchFlow.Data.Images;
using SketchFlow.Learning.Inference;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Computes the logits of batches of images with one network. One thread at a time may use it.</summary>
internal interface IBatchInference : IDisposable
{
    /// <summary>Views of each image, in the order of the results.</summary>
    IReadOnlyList<TtaView> Views { get; }

    /// <summary>Computes the logits of every view of a batch.</summary>
    /// <param name="batch">Images as large as the network's input, or larger where the views are crops.</param>
    /// <returns>images × classes float32 numbers for each view.</returns>
    float[][] Logits(PixelBatch batch);
}

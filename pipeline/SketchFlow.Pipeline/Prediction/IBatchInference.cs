using SketchFlow.Data.Images;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Computes the logits of batches of images with one network. One thread at a time may use it.</summary>
internal interface IBatchInference : IDisposable
{
    /// <summary>Computes the logits of every view of a batch.</summary>
    /// <param name="batch">Images as large as the network's input, or larger where the views are crops.</param>
    /// <returns>images × classes float32 numbers for each view, in the order of the views.</returns>
    float[][] Logits(PixelBatch batch);
}

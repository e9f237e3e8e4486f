using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>
/// Recomputes the running statistics of batch norms as the plain mean over the given batches (PyTorch's <c>swa_utils.update_bn</c>): averaged
/// weights produce other activations than any of the models they are averaged from.
/// </summary>
/// <param name="model">Model whose statistics are replaced, from the first batch on; its architecture should have no dropout.</param>
/// <param name="preprocessing">Mean and standard deviation of the images.</param>
/// <param name="precision">Number format of matrix products and convolutions.</param>
public sealed class NormStatistics(FlatModel model, Preprocessing preprocessing, ComputePrecision precision)
{
    /// <summary>Number of batches so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Returns whether an architecture has running statistics.</summary>
    public static bool AreIn(Architecture architecture) => architecture.Tensors.Any(t => t.Role == TensorRole.Buffer);

    /// <summary>Adds the statistics of a batch.</summary>
    public void Add(PixelBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        Batches++;
        var images = Normalize.ToDevice(batch, preprocessing, model.Device);
        using var cast = Autocast.Enter(model.Device.type, precision.AutocastType());
        // The n-th batch has weight 1/n: after it the statistics are the mean of all n.
        model.Architecture.Forward(new ForwardContext(model.Weights) { Training = true, BatchNormMomentum = 1.0 / Batches }, images);
    }
}

using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>
/// Counts the running statistics of batch norms anew, as the plain mean over the batches shown (PyTorch's <c>swa_utils.update_bn</c>): averaged
/// weights make other activations than any of the models they are averaged from.
/// </summary>
/// <param name="model">Whose statistics are replaced, from the first batch on; its architecture should have no drop-out.</param>
/// <param name="preprocessing">Mean and standard deviation of the images.</param>
/// <param name="precision">What products are computed in.</param>
public sealed class NormStatistics(FlatModel model, Preprocessing preprocessing, ComputePrecision precision)
{
    /// <summary>Batches shown.</summary>
    public int Batches { get; private set; }

    /// <summary>Whether an architecture has statistics to count.</summary>
    public static bool AreIn(Architecture architecture) => architecture.Tensors.Any(t => t.Role == TensorRole.Buffer);

    /// <summary>Shows a batch.</summary>
    public void Add(PixelBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        Batches++;
        var images = Normalize.ToDevice(batch, preprocessing, model.Device);
        using var cast = Autocast.Enter(model.Device.type, precision.AutocastType());
        // The n-th batch weighs 1/n: after it the statistics are the mean of all.
        model.Architecture.Forward(new ForwardContext(model.Weights) { Training = true, BatchNormMomentum = 1.0 / Batches }, images);
    }
}

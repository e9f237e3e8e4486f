using SketchFlow.Data.Images;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Inference;

/// <summary>Computes the logits of batches, in evaluation mode and without gradients. One thread owns it.</summary>
/// <param name="model">The weights; the caller keeps ownership.</param>
/// <param name="preprocessing">Mean and standard deviation of the images.</param>
/// <param name="precision">Precision of convolutions and matrix products.</param>
public sealed class InferenceStep(FlatModel model, Preprocessing preprocessing, ComputePrecision precision)
{
    /// <summary>Computes the logits of a batch, row by row.</summary>
    /// <returns>N × classes floats.</returns>
    public float[] Logits(PixelBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        return Logits(Normalize.ToDevice(batch, preprocessing, model.Device));
    }

    /// <summary>Computes the logits of every view of a batch. When memory runs out, the batch is halved until it fits.</summary>
    /// <param name="batch">Images as large as the model's input, or larger where the views are crops.</param>
    /// <param name="views">Views of each image.</param>
    /// <returns>N × classes floats for each view.</returns>
    public float[][] Logits(PixelBatch batch, IReadOnlyList<TtaView> views)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        var images = Normalize.ToDevice(batch, preprocessing, model.Device);
        return [.. views.Select(view => LogitsInParts(images, view))];
    }

    private float[] LogitsInParts(torch.Tensor images, TtaView view)
    {
        var count = images.shape[0];
        try
        {
            using var scope = torch.NewDisposeScope();
            return Logits(view.Apply(images, model.Architecture.InputSize));
        }
        catch (Exception e) when (count > 1 && LibTorchErrors.IsOutOfMemory(e))
        {
            using var scope = torch.NewDisposeScope();
            return [.. LogitsInParts(images.narrow(0, 0, count / 2), view), .. LogitsInParts(images.narrow(0, count / 2, count - (count / 2)), view)];
        }
    }

    /// <summary>Computes the logits of a batch that is already on the device.</summary>
    public float[] Logits(DeviceBatch batch) => Logits(batch.Images);

    /// <summary>Computes the logits of images that are already on the device.</summary>
    /// <param name="images">(N, 3, H, W), normalised.</param>
    public float[] Logits(torch.Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        using var cast = Autocast.Enter(model.Device.type, precision.AutocastType());
        var logits = model.Architecture.Forward(new ForwardContext(model.Weights), images);
        return TensorValues.ToArray(logits);
    }
}

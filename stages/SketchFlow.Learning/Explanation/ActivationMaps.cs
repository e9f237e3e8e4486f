using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Explanation;

/// <summary>Class activation maps: features of a network, weighted by the gradients of a score.</summary>
/// <param name="model">The network.</param>
/// <param name="feature">The features.</param>
/// <remarks>Formulas as jacobgil/pytorch-grad-cam: <c>grad_cam.py</c>, <c>grad_cam_plusplus.py</c>, <c>hirescam.py</c>, <c>layer_cam.py</c>.</remarks>
internal sealed class ActivationMaps(FlatModel model, SpatialFeature feature)
{
    private const double Epsilon = 1e-6;

    /// <summary>Computes a map.</summary>
    /// <param name="image">(1, 3, H, W), normalised.</param>
    /// <param name="method">A method of class activation maps.</param>
    /// <param name="score">Computes the score from logits (1, classes).</param>
    /// <returns>(H, W) of the grid; owned by the open dispose scope.</returns>
    public torch.Tensor Compute(torch.Tensor image, SaliencyMethod method, Func<torch.Tensor, torch.Tensor> score)
    {
        var (features, gradients) = Differentiate(image, score);

        // A tap's tensors belong to no scope.
        using var owned = features;
        using var quiet = torch.no_grad();
        return Combine(method, feature.ToMap(features.detach()), feature.ToMap(gradients))[0];
    }

    /// <summary>Combines features and gradients, (N, C, H, W) each, to maps (N, H, W) without negative values.</summary>
    internal static torch.Tensor Combine(SaliencyMethod method, torch.Tensor features, torch.Tensor gradients) => (method switch
    {
        SaliencyMethod.GradCam or SaliencyMethod.FinerCam => features * gradients.mean([2, 3], keepdim: true),
        SaliencyMethod.GradCamPlusPlus => features * PlusPlusWeights(features, gradients),
        SaliencyMethod.HiResCam => features * gradients,
        SaliencyMethod.LayerCam => features * gradients.relu(),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Expected a method of class activation maps."),
    }).sum(1).relu();

    // Equation 19 of Chattopadhay et al.; places without a gradient do not count.
    private static torch.Tensor PlusPlusWeights(torch.Tensor features, torch.Tensor gradients)
    {
        var square = gradients.pow(Keep(2));
        var shares = square / (square * Keep(2)).Plus(features.sum([2, 3], keepdim: true) * square * gradients).Plus(Epsilon);
        return (shares.where(gradients.ne(Keep(0)), torch.zeros_like(shares)) * gradients.relu()).sum([2, 3], keepdim: true);
    }

    private (torch.Tensor Features, torch.Tensor Gradients) Differentiate(torch.Tensor image, Func<torch.Tensor, torch.Tensor> score)
    {
        var architecture = model.Architecture;
        torch.Tensor features;
        torch.Tensor logits;
        using var differentiates = torch.enable_grad();
        if (feature.Layer is not { } layer)
        {
            // The backward pass ends at the features.
            using (torch.no_grad())
            {
                features = architecture.Features(new ForwardContext(model.Weights), new Value(image.clone())).Tensor.clone();
            }

            features.requires_grad_(true);
            logits = architecture.Head(new ForwardContext(model.Weights), new Value(features.clone())).Tensor;
        }
        else
        {
            torch.Tensor? found = null;
            var pass = new ForwardContext(model.Weights) { Tap = (name, output) => Assign(ref found, name == layer, output) };
            logits = architecture.Forward(pass, image.clone().requires_grad_(true));
            features = found ?? throw new InvalidOperationException($"The forward pass of {architecture.Name} has no layer {layer}.");
        }

        return (features, torch.autograd.grad([score(logits)], [features])[0]);
    }

    private static void Assign(ref torch.Tensor? found, bool isWanted, torch.Tensor output)
    {
        if (isWanted)
        {
            found = output;
        }
        else
        {
            output.Dispose();
        }
    }
}

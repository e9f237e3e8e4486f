using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>
/// Counts the work of a model on tensors that have shapes but no memory (PyTorch's meta device). Layers report their operation
/// here instead of computing it, and get a tensor of the result's shape.
/// </summary>
public interface IWorkCounter
{
    /// <summary>Counts a convolution, which has no kernel on the meta device.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="x">Input (N, in, H, W).</param>
    /// <param name="weight">Weight (out, in / groups, kH, kW).</param>
    /// <param name="strides">Strides in rows and columns.</param>
    /// <param name="paddings">Zeros on each side, in rows and columns.</param>
    /// <param name="bias">Whether a bias is added.</param>
    torch.Tensor Convolve(string name, torch.Tensor x, torch.Tensor weight, long[] strides, long[] paddings, bool bias = false);

    /// <summary>Counts a product with a matrix of <paramref name="outFeatures"/> rows over the last dimension.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="x">Input (…, in).</param>
    /// <param name="outFeatures">Number of rows of the matrix.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="asConvolution">Whether it runs as a 1 × 1 convolution over (N, H, W, in).</param>
    torch.Tensor Multiply(string name, torch.Tensor x, long outFeatures, bool bias = true, bool asConvolution = false);

    /// <summary>Counts the two matrix products of attention over (N, heads, tokens, head width).</summary>
    torch.Tensor Attend(string name, torch.Tensor query, torch.Tensor key, torch.Tensor value, bool bias);

    /// <summary>Records a normalisation, which keeps the shape.</summary>
    torch.Tensor Normalize(string name, torch.Tensor x);
}

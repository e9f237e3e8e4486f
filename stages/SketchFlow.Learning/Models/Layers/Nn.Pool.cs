using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Computes the mean over the image, (N, C, H, W) to (N, C).</summary>
    public static Layer GlobalAveragePool { get; } = (_, x) => x.Mean([2, 3]);

    /// <summary>Computes the maximum over 3 × 3 at stride 2 with padding 1, as in the stem of ResNets.</summary>
    public static Layer StemMaxPool { get; } = (_, x) => x.MaxPool2d(3, 2, 1);

    /// <summary>
    /// Computes the mean over 2 × 2 at stride 2; at the border of an odd-sized image, the mean over the existing pixels (ResNet-D's shortcut;
    /// He et al. 2019).
    /// </summary>
    public static Layer HalvingAveragePool { get; } =
        (_, x) => x.AveragePool2d(2, 2, keepsRest: true);

    /// <summary>Computes the maximum over 3 × 3 at stride 2 with TensorFlow's SAME padding.</summary>
    public static Layer StemMaxPoolSame { get; } =
        Sequential(PadSame(3, 2, double.NegativeInfinity), (_, x) => x.MaxPool2d(3, 2));

    /// <summary>
    /// Returns anti-aliased downsampling, a 3 × 3 binomial filter at stride 2 (Zhang 2019; timm's <c>BlurPool2d</c>, whose filter is not in
    /// the state dict).
    /// </summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="mirrors">Whether the border is padded by reflection; otherwise with zeros (timm's <c>blurpc</c>).</param>
    public static Layer BlurPool(string name, bool mirrors = true)
    {
        var filter = Constant([1, 2, 1, 2, 4, 2, 1, 2, 1], [1, 1, 3, 3], 1 / 16f);
        return Tidy((pass, x) =>
        {
            var channels = x.Shape[1];
            var padded = mirrors ? x.PadReflecting([1, 1, 1, 1]) : x.Pad([1, 1, 1, 1]);
            var filters = filter(x).Expand(channels, 1, 3, 3);
            return pass.Named(name, LayerKind.Convolution, padded.Convolve(filters, null, new(2, 2, 0, 0, channels)));
        });
    }
}

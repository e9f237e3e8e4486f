using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Mean over the image: (N, C, H, W) to (N, C).</summary>
    public static Layer GlobalAveragePool { get; } = (_, x) => x.mean([2, 3]);

    /// <summary>Maximum over 3 × 3 at stride 2, padding 1: the stem of the resnets.</summary>
    public static Layer StemMaxPool { get; } = (_, x) => F.max_pool2d(x, [3, 3], [2, 2], [1, 1]);

    /// <summary>Mean over 2 × 2 at stride 2; a border of odd size is averaged over what is there (ResNet-D's shortcut; He et al. 2019).</summary>
    public static Layer HalvingAveragePool { get; } = (_, x) => F.avg_pool2d(x, [2, 2], [2, 2], [0, 0], ceil_mode: true, count_include_pad: false);

    /// <summary>Maximum over 3 × 3 at stride 2 with TensorFlow's SAME padding.</summary>
    public static Layer StemMaxPoolSame { get; } = Sequence(PadSame(3, 2, double.NegativeInfinity), (_, x) => F.max_pool2d(x, [3, 3], [2, 2], [0, 0]));

    /// <summary>
    /// A 3 × 3 binomial filter at stride 2 over the image mirrored at its edge: pooling without aliasing (Zhang 2019; timm's
    /// <c>BlurPool2d</c>, whose filter is in no state dict).
    /// </summary>
    /// <param name="name">The layer's name, for the count of its work.</param>
    /// <param name="mirrors">Whether the image goes on mirrored beyond its edge; otherwise zeros lie there (timm's <c>blurpc</c>).</param>
    public static Layer BlurPool(string name, bool mirrors = true)
    {
        var filter = Constant([1, 2, 1, 2, 4, 2, 1, 2, 1], [1, 1, 3, 3], 1 / 16f);
        return Tidy((pass, x) =>
        {
            var channels = x.shape[1];
            var (padded, filters) = (F.pad(x, [1, 1, 1, 1], mirrors && pass.Tally is null ? PaddingModes.Reflect : PaddingModes.Constant), filter(x).expand(channels, 1, 3, 3));
            return pass.Tally?.Convolve(name, padded, filters, [2, 2], [0, 0]) ?? F.conv2d(padded, filters, null, [2, 2], [0, 0], [1, 1], channels);
        });
    }
}

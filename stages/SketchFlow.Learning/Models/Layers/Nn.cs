using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>
/// The layers: each function declares its tensors under a scope, in timm's order, and gives back the function over them.
/// </summary>
/// <remarks>
/// Images run through in channels-last memory: every layer here keeps the strides it is given, so that an NHWC input
/// permuted to NCHW stays so to the head without a copy. A layer frees what it makes on the way; in training autograd
/// holds on by itself to what the backward pass needs, so that freeing early is right there also.
/// </remarks>
public static partial class Nn
{
    /// <summary>
    /// One layer after another, without those that are null. Each output is freed as soon as the next layer has used it.
    /// </summary>
    public static Layer Sequence(params IEnumerable<Layer?> layers)
    {
        var parts = layers.OfType<Layer>().ToArray();
        return (pass, input) =>
        {
            var x = input;
            foreach (var layer in parts)
            {
                var y = layer(pass, x);
                if (!ReferenceEquals(x, input) && !ReferenceEquals(x, y))
                {
                    x.Dispose();
                }

                x = y;
            }

            return x;
        };
    }

    /// <summary>The layer with everything but its answer freed when it is done.</summary>
    public static Layer Tidy(Layer layer) => (pass, input) =>
    {
        using var scope = torch.NewDisposeScope();
        var output = layer(pass, input);
        return ReferenceEquals(output, input) ? output : output.MoveToOuterDisposeScope();
    };

    /// <summary>Drop path of block <paramref name="block"/> of <paramref name="blocks"/>: linear from 0 to <paramref name="last"/> (Huang et al. 2016; timm).</summary>
    public static double DropPathAt(int block, int blocks, double last) => blocks < 2 ? 0 : last * block / (blocks - 1);

    /// <summary>The nearest multiple of <paramref name="divisor"/>, not less than nine tenths of <paramref name="channels"/> (timm's <c>make_divisible</c>).</summary>
    public static long Divisible(double channels, int divisor = 8, double limit = 0.9)
    {
        var rounded = Math.Max(divisor, (long)(channels + (divisor / 2.0)) / divisor * divisor);
        return rounded < limit * channels ? rounded + divisor : rounded;
    }
}

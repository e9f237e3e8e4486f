using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>
/// The layers: each function declares its tensors under a scope, in timm's order, and returns the function that computes the layer.
/// </summary>
/// <remarks>
/// Images stay in channels-last memory: every layer keeps the strides of its input, so that an NHWC input permuted to NCHW reaches the
/// head without a copy. A layer disposes its intermediate results; in training autograd keeps what the backward pass needs, so that early
/// disposal is safe there too.
/// </remarks>
public static partial class Nn
{
    /// <summary>
    /// Composes layers in order, ignoring null. Each output is disposed as soon as the next layer has used it.
    /// </summary>
    public static Layer Sequential(params IEnumerable<Layer?> layers)
    {
        var parts = layers.OfType<Layer>().ToArray();
        return (pass, input) =>
        {
            var x = input;
            foreach (var layer in parts)
            {
                var y = layer(pass, x);
                if (!x.IsSameAs(input) && !x.IsSameAs(y))
                {
                    x.Dispose();
                }

                x = y;
            }

            return x;
        };
    }

    /// <summary>Wraps a layer so that all tensors except its output are disposed when it returns (like tf.tidy in TensorFlow.js).</summary>
    public static Layer Tidy(Layer layer) => (pass, input) =>
    {
        using var scope = torch.NewDisposeScope();
        var output = layer(pass, input);
        return output.IsSameAs(input) ? output : output.MoveToOuterDisposeScope();
    };

    /// <summary>
    /// Returns the drop path rate of block <paramref name="block"/> of <paramref name="blocks"/>, linear from 0 to <paramref name="last"/>
    /// (Huang et al. 2016; timm).
    /// </summary>
    public static double DropPathAt(int block, int blocks, double last) => blocks < 2 ? 0 : last * block / (blocks - 1);

    /// <summary>
    /// Rounds to the nearest multiple of <paramref name="divisor"/> that is at least <paramref name="limit"/> × <paramref name="channels"/>
    /// (timm's <c>make_divisible</c>).
    /// </summary>
    public static long MakeDivisible(double channels, int divisor = 8, double limit = 0.9)
    {
        var rounded = Math.Max(divisor, (long)(channels + (divisor / 2.0)) / divisor * divisor);
        return rounded < limit * channels ? rounded + divisor : rounded;
    }
}

using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Returns a residual sum, x + scale × branch. In training, each sample's branch is dropped with probability
    /// <paramref name="dropPath"/> and otherwise scaled by 1 / (1 - p) (stochastic depth, Huang et al. 2016; timm's <c>drop_path</c>).
    /// </summary>
    /// <param name="name">Key of the random stream, which is forked from <see cref="ForwardContext.Random"/>.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch.</param>
    /// <param name="scale">Layer scale (C), along the last dimension of both tensors; null has none.</param>
    /// <returns>A function of the forward context, x and the branch; it disposes neither.</returns>
    /// <remarks>The scale and the mask, which are small, are multiplied first, so that the sum reads the activations only once.</remarks>
    public static Func<ForwardContext, Value, Value, Value> Residual(string name, double dropPath, TensorSlot? scale = null)
    {
        var hash = KeyedRandom.Hash($"{name}.drop_path");
        return (pass, x, branch) =>
        {
            if (DropPathMask(pass, hash, dropPath, x) is not { } mask)
            {
                return pass[scale] is { } alone ? x.AddProduct(branch, alone) : x.Add(branch);
            }

            using var drawn = mask;
            if (pass[scale] is not { } vector)
            {
                return x.AddProduct(branch, mask);
            }

            using var factor = vector * mask;
            return x.AddProduct(branch, factor);
        };
    }

    /// <summary>Returns drop path alone: in training, the branch of a residual sum with some samples dropped; otherwise the branch unchanged.</summary>
    public static Layer DropPath(string name, double dropPath)
    {
        var hash = KeyedRandom.Hash($"{name}.drop_path");
        return (pass, branch) =>
        {
            using var mask = DropPathMask(pass, hash, dropPath, branch);
            return mask is { } drawn ? branch.Multiply(drawn) : branch;
        };
    }

    /// <summary>Draws a mask (N, 1, …) of 0 or 1 / (1 - p) in the type of <paramref name="like"/>; null if nothing is dropped.</summary>
    private static Value? DropPathMask(ForwardContext pass, ulong hash, double p, Value like)
    {
        if (!pass.Training || p <= 0)
        {
            return null;
        }

        var random = pass.Random.Fork(hash);
        var values = new float[like.Shape[0]];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.Happens(p) ? 0 : (float)(1 / (1 - p));
        }

        var shape = new long[like.Rank];
        Array.Fill(shape, 1);
        shape[0] = values.Length;
        return OnDeviceOf(like, values, shape);
    }

    /// <summary>Creates a tensor on the device and in the type of <paramref name="like"/>; under autocast a float32 mask would widen the result.</summary>
    private static Value OnDeviceOf(Value like, float[] values, long[] shape)
    {
        using var flat = torch.tensor(values, shape);
        return new(flat.to(like.Type, like.Device, copy: true));
    }
}

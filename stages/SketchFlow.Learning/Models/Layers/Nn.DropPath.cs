using SketchFlow.Data.Machine;
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
    public static Func<ForwardContext, torch.Tensor, torch.Tensor, torch.Tensor> Residual(string name, double dropPath, TensorSlot? scale = null)
    {
        var hash = KeyedRandom.Hash($"{name}.drop_path");
        return (pass, x, branch) =>
        {
            using var mask = DropPathMask(pass, hash, dropPath, x);
            using var factor = (pass[scale], mask) switch
            {
                (null, null) => null,
                (null, { } m) => m.alias(),
                ({ } s, null) => s.alias(),
                ({ } s, { } m) => s * m,
            };
            return factor is null ? x.add(branch) : torch.addcmul(x, branch, factor, 1);
        };
    }

    /// <summary>Returns drop path alone: in training, the branch of a residual sum with some samples dropped; otherwise the branch unchanged.</summary>
    public static Layer DropPath(string name, double dropPath)
    {
        var hash = KeyedRandom.Hash($"{name}.drop_path");
        return (pass, branch) =>
        {
            using var mask = DropPathMask(pass, hash, dropPath, branch);
            return mask is null ? branch : branch.mul(mask);
        };
    }

    /// <summary>Draws a mask (N, 1, …) of 0 or 1 / (1 - p) in the type of <paramref name="like"/>; null if nothing is dropped.</summary>
    private static torch.Tensor? DropPathMask(ForwardContext pass, ulong hash, double p, torch.Tensor like)
    {
        if (!pass.Training || p <= 0)
        {
            return null;
        }

        var random = pass.Random.Fork(hash);
        var values = new float[like.shape[0]];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.Happens(p) ? 0 : (float)(1 / (1 - p));
        }

        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = values.Length;
        return OnDeviceOf(like, values, shape);
    }

    /// <summary>Creates a tensor on the device and in the type of <paramref name="like"/>; under autocast a float32 mask would widen the result.</summary>
    private static torch.Tensor OnDeviceOf(torch.Tensor like, float[] values, long[] shape)
    {
        using var flat = torch.tensor(values, shape);
        return flat.to(like.dtype, like.device, copy: true);
    }
}

using SketchFlow.Data.Machine;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// A residual sum: x + scale × branch, and in training the branch of each sample is dropped with probability
    /// <paramref name="dropPath"/> and the others scaled up by 1 / (1 - p) (stochastic depth, Huang et al. 2016; timm's
    /// <c>drop_path</c>).
    /// </summary>
    /// <param name="name">Seeds the choice: <see cref="ForwardContext.Chance"/> forked by it, so that it depends on nothing else.</param>
    /// <param name="dropPath">Probability of dropping a sample's branch.</param>
    /// <param name="scale">Layer scale, of shape (C), along the last dimension of both tensors; null goes without.</param>
    /// <returns>A function of (pass, x, branch); it frees neither.</returns>
    /// <remarks>Scale and choice are multiplied first, which are small, so that the sum is one pass over the activations.</remarks>
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

    /// <summary>The branch as it goes into a residual sum: in training dropped for some samples, otherwise as it is.</summary>
    public static Layer DropPath(string name, double dropPath)
    {
        var hash = KeyedRandom.Hash($"{name}.drop_path");
        return (pass, branch) =>
        {
            using var mask = DropPathMask(pass, hash, dropPath, branch);
            return mask is null ? branch : branch.mul(mask);
        };
    }

    /// <summary>(N, 1, …), 0 or 1 / (1 - p), in the type of <paramref name="like"/>; null where nothing is dropped.</summary>
    private static torch.Tensor? DropPathMask(ForwardContext pass, ulong hash, double p, torch.Tensor like)
    {
        if (!pass.Training || p <= 0)
        {
            return null;
        }

        var chance = pass.Chance.Fork(hash);
        var values = new float[like.shape[0]];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = chance.Happens(p) ? 0 : (float)(1 / (1 - p));
        }

        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = values.Length;
        return OnDeviceOf(like, values, shape);
    }

    /// <summary>A constant where <paramref name="like"/> is and of its type: under autocast a float32 mask would widen what it touches.</summary>
    private static torch.Tensor OnDeviceOf(torch.Tensor like, float[] values, long[] shape)
    {
        using var flat = torch.tensor(values, shape);
        return flat.to(like.dtype, like.device, copy: true);
    }
}

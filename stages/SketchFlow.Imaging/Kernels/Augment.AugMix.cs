using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>(1 - share) × image + share × the chains' outputs by their weights, which are brought to a sum of 1; rounded.</summary>
    internal static Pixels Blend(Pixels input, (float Weight, List<PixelOp> Ops)[] chains, float share)
    {
        var total = chains.Sum(c => c.Weight);
        var sum = new float[input.Length];
        foreach (var (weight, ops) in chains)
        {
            using var one = AugmentPlan.Run(input, ops);
            var bytes = one.Bytes;
            var factor = total > 0 ? share * weight / total : share / chains.Length;
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += factor * bytes[i];
            }
        }

        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        for (var i = 0; i < sum.Length; i++)
        {
            output.Bytes[i] = (byte)Math.Clamp(MathF.Round(sum[i] + ((1 - share) * input.Bytes[i])), 0F, 255F);
        }

        return output;
    }
}

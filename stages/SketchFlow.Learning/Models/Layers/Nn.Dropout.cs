using SketchFlow.Data.Machine;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// In training sets each element to zero with probability <paramref name="p"/> and scales the others by 1 / (1 - p); null at 0.
    /// The choice comes from <see cref="ForwardContext.Chance"/> forked by <paramref name="name"/>, drawn on the CPU (2 ns an element:
    /// meant for pooled features, not for whole images).
    /// </summary>
    public static Layer? Dropout(string name, double p)
    {
        if (p <= 0)
        {
            return null;
        }

        var hash = KeyedRandom.Hash($"{name}.dropout");
        return (pass, x) =>
        {
            if (!pass.Training)
            {
                return x;
            }

            var chance = pass.Chance.Fork(hash);
            var values = new float[x.numel()];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = chance.Happens(p) ? 0 : (float)(1 / (1 - p));
            }

            using var mask = OnDeviceOf(x, values, x.shape);
            return x.mul(mask);
        };
    }
}

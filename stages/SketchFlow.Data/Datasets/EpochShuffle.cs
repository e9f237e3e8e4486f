using System.Collections.Immutable;
using SketchFlow.Data.Machine;

namespace SketchFlow.Data.Datasets;

/// <summary>Order of the samples in an epoch.</summary>
public static class EpochShuffle
{
    private static readonly ulong _operation = KeyedRandom.Hash("epoch order");

    /// <summary>Shuffles by (seed, epoch, id). The result is the same after a resume and does not depend on the given order.</summary>
    public static ImmutableArray<Sample> Shuffle(IEnumerable<Sample> samples, long seed, int epoch)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return
        [
            .. samples.OrderBy(s => KeyedRandom.For(seed, epoch, s.Id, _operation).NextBits())
                .ThenBy(s => s.Id).ThenBy(s => s.ImagePath, StringComparer.Ordinal),
        ];
    }
}

using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Duplicates;

/// <summary>Finds images that show the same picture among many: exact, near, mirrored and inverted copies, and copies with strokes of another width.</summary>
/// <remarks>
/// <para>
/// Candidates are found by locality-sensitive hashing (Indyk and Motwani, STOC 1998): images whose perceptual hashes agree in all of 14 sampled bits are
/// compared, for 48 samples of bits. So most pairs of images are never looked at. Each candidate is verified by the correlation of the thumbnails.
/// </para>
/// <para>
/// With a correlation of 0.97 two hashes differ in 8 % of the bits, and such a pair is missed by all samples with a probability below 1e-6.
/// docs/measurements/splits.md has precision, recall and times over planted copies of sketches.
/// </para>
/// </remarks>
public static class TwinFinder
{
    private const int Samples = 48;
    private const int SampleBits = 14;

    // Sets of equal images up to this size are returned as all their pairs.
    private const int MaxClique = 50;

    /// <summary>Finds the copies.</summary>
    /// <param name="images">Fingerprints of the images.</param>
    /// <param name="options">Options of the search.</param>
    /// <returns>
    /// Pairs of copies in ascending order. Of several images with equal pixels the first alone is paired with near and mirrored copies; <see cref="Join"/>
    /// makes sets of the pairs.
    /// </returns>
    public static IReadOnlyList<Twin> Find(IReadOnlyList<ImageFingerprint> images, TwinOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        var found = new Dictionary<(int First, int Second), Twin>();
        AddExact(images, found);
        var hash = new PerceptualHash(images);
        int[] shaped = Shaped(images);
        foreach (var mirrored in options.Mirrored ? (bool[])[false, true] : [false])
        {
            var others = mirrored ? Mirror(images) : images;
            foreach (var (first, second) in Candidates(hash, shaped, mirrored).TakeWhile(_ => found.Count < options.MaxPairs))
            {
                if (!found.ContainsKey((first, second)) && images[first].CorrelationWith(others[second]) is var r && r >= options.MinCorrelation)
                {
                    found.Add((first, second), new Twin(first, second, mirrored ? TwinKind.Mirrored : TwinKind.Near, r));
                }
            }
        }

        return Sort(found);
    }

    /// <summary>Finds the copies, and pairs of images with the same strokes in other widths.</summary>
    /// <param name="images">Fingerprints of the images.</param>
    /// <param name="strokes">Fingerprints of the strokes of the same images.</param>
    /// <param name="options">Options of the search.</param>
    /// <returns>Pairs of copies in ascending order, each of one kind: a pair that is a near copy is not listed as a thickened one.</returns>
    /// <remarks>
    /// Inverted copies have equal strokes: their candidates are those of the strokes, and are verified by the thumbnails, whose correlation is negative.
    /// </remarks>
    /// <exception cref="ArgumentException">The numbers of images and of maps of strokes differ.</exception>
    public static IReadOnlyList<Twin> Find(IReadOnlyList<ImageFingerprint> images, IReadOnlyList<StrokeFingerprint> strokes, TwinOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(strokes);
        if (strokes.Count != images.Count)
        {
            throw new ArgumentException($"Expected the strokes of {images.Count} images, got those of {strokes.Count}.", nameof(strokes));
        }

        var found = Find(images, options).ToDictionary(t => (t.First, t.Second));
        // Of images with equal pixels the first stands for all, as in the search for other copies.
        int[] shaped = [.. Shaped(images).Where(i => !strokes[i].IsBlank)];
        var hash = new PerceptualHash([.. strokes.Select(s => s.Map)]);
        foreach (var mirrored in options.Mirrored ? (bool[])[false, true] : [false])
        {
            var others = mirrored ? Mirror(images) : images;
            IReadOnlyList<StrokeFingerprint> otherStrokes = mirrored ? [.. strokes.Select(s => s.Mirror())] : strokes;
            foreach (var (first, second) in Candidates(hash, shaped, mirrored).TakeWhile(_ => found.Count < options.MaxPairs))
            {
                if (found.ContainsKey((first, second)))
                {
                    continue;
                }

                if (-images[first].CorrelationWith(others[second]) is var inverted && inverted >= options.MinCorrelation)
                {
                    found.Add((first, second), new Twin(first, second, TwinKind.Inverted, inverted));
                }
                else if (strokes[first].CorrelationWith(otherStrokes[second]) is var r && r >= options.MinStrokeCorrelation
                    && strokes[first].OverlapWith(otherStrokes[second]) >= options.MinStrokeOverlap)
                {
                    found.Add((first, second), new Twin(first, second, TwinKind.Thickened, r));
                }
            }
        }

        return Sort(found);
    }

    /// <summary>Counts the comparisons of thumbnails that a search for near and mirrored copies makes at most.</summary>
    internal static long CountComparisons(IReadOnlyList<ImageFingerprint> images)
    {
        var (hash, shaped) = (new PerceptualHash(images), Shaped(images));
        return Candidates(hash, shaped, mirrored: false).LongCount() + Candidates(hash, shaped, mirrored: true).LongCount();
    }

    private static IReadOnlyList<Twin> Sort(Dictionary<(int First, int Second), Twin> found) =>
        [.. found.Values.OrderBy(t => t.First).ThenBy(t => t.Second)];

    private static IReadOnlyList<ImageFingerprint> Mirror(IReadOnlyList<ImageFingerprint> images) => [.. images.Select(f => f.Mirror())];

    // Constant thumbnails have no shape to compare, and one of several equal images stands for all.
    private static int[] Shaped(IReadOnlyList<ImageFingerprint> images) =>
        [.. Enumerable.Range(0, images.Count).Where(i => !images[i].IsConstant).DistinctBy(i => images[i].Checksum)];

    private static void AddExact(IReadOnlyList<ImageFingerprint> images, Dictionary<(int First, int Second), Twin> found)
    {
        foreach (var equal in Enumerable.Range(0, images.Count).GroupBy(i => images[i].Checksum).Where(g => g.Count() > 1))
        {
            int[] members = [.. equal];
            // A chain joins the members of a large set without a quadratic number of pairs.
            var pairs = members.Length <= MaxClique
                ? members.SelectMany((first, k) => members[(k + 1)..].Select(second => (first, second)))
                : members.Zip(members[1..]);
            foreach (var (first, second) in pairs)
            {
                found.Add((first, second), new Twin(first, second, TwinKind.Exact, 1));
            }
        }
    }

    /// <summary>Joins pairs of copies into sets: a copy of a copy belongs to the same set.</summary>
    /// <param name="images">Number of images.</param>
    /// <param name="twins">Pairs of copies.</param>
    /// <returns>Sets of at least two images, in the order of their first image; the images of a set in ascending order.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Join(int images, IEnumerable<Twin> twins)
    {
        ArgumentNullException.ThrowIfNull(twins);
        int[] parent = [.. Enumerable.Range(0, images)];
        int RootOf(int i)
        {
            while (parent[i] != i)
            {
                i = parent[i] = parent[parent[i]];
            }

            return i;
        }

        foreach (var twin in twins)
        {
            var (first, second) = (RootOf(twin.First), RootOf(twin.Second));
            (parent[Math.Max(first, second)], parent[Math.Min(first, second)]) = (Math.Min(first, second), Math.Min(first, second));
        }

        return [.. Enumerable.Range(0, images).GroupBy(RootOf).Where(g => g.Count() > 1).Select(g => (IReadOnlyList<int>)[.. g])];
    }

    // Pairs of images of which the hash of the first agrees with the hash of the second, or of the second mirrored, in all sampled bits of some sample.
    private static IEnumerable<(int First, int Second)> Candidates(PerceptualHash hash, int[] images, bool mirrored)
    {
        var (own, other) = (Hashes(hash, images, mirrored: false), Hashes(hash, images, mirrored));
        for (var sample = 0; sample < Samples; sample++)
        {
            var bits = SampleOf(sample);
            int[] keys = [.. other.Select(h => KeyOf(h, bits))];
            int[] order = [.. images];
            Array.Sort(keys, order);
            for (var i = 0; i < images.Length; i++)
            {
                var key = KeyOf(own[i], bits);
                var at = LowerBound(keys, key);
                for (; at < keys.Length && keys[at] == key; at++)
                {
                    // Of the two orders of a pair one is enough, since mirroring twice changes nothing.
                    if (order[at] > images[i])
                    {
                        yield return (images[i], order[at]);
                    }
                }
            }
        }
    }

    private static ulong[][] Hashes(PerceptualHash hash, int[] images, bool mirrored)
    {
        var hashes = new ulong[images.Length][];
        for (var i = 0; i < images.Length; i++)
        {
            hash.Compute(images[i], mirrored, hashes[i] = new ulong[PerceptualHash.Bits / 64]);
        }

        return hashes;
    }

    private static int[] SampleOf(int sample)
    {
        int[] bits = [.. Enumerable.Range(0, PerceptualHash.Bits)];
        KeyedRandom.For(sample, 0, 0, "bits of a perceptual hash").Shuffle<int>(bits);
        return bits[..SampleBits];
    }

    private static int KeyOf(ulong[] hash, int[] bits)
    {
        var key = 0;
        foreach (var bit in bits)
        {
            key = (key << 1) | (int)((hash[bit >> 6] >> (bit & 63)) & 1);
        }

        return key;
    }

    private static int LowerBound(int[] keys, int key)
    {
        var (low, high) = (0, keys.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = keys[middle] < key ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

using System.Numerics;

namespace SketchFlow.Imaging.Duplicates;

/// <summary>Perceptual hashes of thumbnails: the signs of their 192 lowest frequencies, less the mean image of all thumbnails.</summary>
/// <remarks>
/// This is pHash's discrete cosine transform (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010). Most drawings are
/// dark in the middle, which would fix the signs of the lowest frequencies; without the mean image each sign is as often positive as negative, and
/// few images share parts of a hash by chance. A mirrored image has the opposite signs at odd horizontal frequencies.
/// </remarks>
internal sealed class PerceptualHash
{
    /// <summary>Number of bits.</summary>
    public const int Bits = 192;

    private const int Side = ImageFingerprint.Side;

    // Frequencies (vertical, horizontal) in order of their length, without the constant one.
    private static readonly (int V, int H)[] _frequencies =
    [
        .. Enumerable.Range(1, (Side * Side) - 1).Select(i => (V: i / Side, H: i % Side)).OrderBy(f => (f.V * f.V) + (f.H * f.H)).ThenBy(f => f.V).Take(Bits),
    ];

    private static readonly int _rank = 1 + _frequencies.Max(f => Math.Max(f.V, f.H));

    private static readonly double[] _cosines =
        [.. Enumerable.Range(0, _rank * Side).Select(i => Math.Cos(Math.PI / Side * ((i % Side) + 0.5) * (i / Side)))];

    private readonly double[][] _coefficients;

    /// <summary>Transforms thumbnails.</summary>
    /// <param name="images">Fingerprints of the images.</param>
    public PerceptualHash(IReadOnlyList<ImageFingerprint> images)
    {
        _coefficients = new double[images.Count][];
        Parallel.For(0, images.Count, i => _coefficients[i] = Transform(images[i].Levels));
        for (var f = 0; f < Bits; f++)
        {
            // The mean over images and their mirrored forms is 0 at odd horizontal frequencies.
            if (_frequencies[f].H % 2 == 0)
            {
                var mean = _coefficients.Sum(c => c[f]) / Math.Max(1, images.Count);
                foreach (var c in _coefficients)
                {
                    c[f] -= mean;
                }
            }
        }
    }

    /// <summary>Computes the hash of an image.</summary>
    /// <param name="image">Index of the image.</param>
    /// <param name="mirrored">Whether to hash the mirrored image.</param>
    /// <param name="hash">Receives the bits, 64 in each element.</param>
    public void Compute(int image, bool mirrored, Span<ulong> hash)
    {
        hash.Clear();
        for (var f = 0; f < Bits; f++)
        {
            var isNegative = _coefficients[image][f] < 0;
            if (isNegative != (mirrored && _frequencies[f].H % 2 == 1))
            {
                hash[f >> 6] |= 1UL << (f & 63);
            }
        }
    }

    // Divided by their length, since images differ in contrast: the mean image is one of shapes.
    private static double[] Transform(ReadOnlySpan<byte> levels)
    {
        var rows = new double[Side * _rank];
        for (var y = 0; y < Side; y++)
        {
            for (var h = 0; h < _rank; h++)
            {
                var sum = 0.0;
                for (var x = 0; x < Side; x++)
                {
                    sum += levels[(y * Side) + x] * _cosines[(h * Side) + x];
                }

                rows[(y * _rank) + h] = sum;
            }
        }

        var coefficients = new double[Bits];
        var squares = 0.0;
        for (var f = 0; f < Bits; f++)
        {
            var (v, h) = _frequencies[f];
            var sum = 0.0;
            for (var y = 0; y < Side; y++)
            {
                sum += rows[(y * _rank) + h] * _cosines[(v * Side) + y];
            }

            coefficients[f] = sum;
            squares += sum * sum;
        }

        var length = Math.Max(1e-9, Math.Sqrt(squares));
        for (var f = 0; f < Bits; f++)
        {
            coefficients[f] /= length;
        }

        return coefficients;
    }
}

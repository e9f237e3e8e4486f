using System.Numerics;
using System.Security.Cryptography;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Imaging.Statistics;

namespace SketchFlow.Imaging.Duplicates;

/// <summary>A grey thumbnail of an image and a checksum of its pixels, by which copies of the image are recognised.</summary>
/// <remarks>
/// The thumbnail ignores the aspect ratio, so that a rescaled copy has the same one. It takes 1 KB of memory. The arithmetic is in whole numbers, so that
/// copies are the same on every machine.
/// </remarks>
public sealed class ImageFingerprint
{
    /// <summary>Side of the thumbnail in pixels.</summary>
    public const int Side = 32;

    private const int Size = Side * Side;

    private readonly byte[] _levels;
    private readonly int _sum;
    private readonly long _deviation;

    private ImageFingerprint(byte[] levels, UInt128 checksum)
    {
        (_levels, Checksum) = (levels, checksum);
        var squares = 0L;
        foreach (var level in levels)
        {
            _sum += level;
            squares += level * level;
        }

        _deviation = (Size * squares) - ((long)_sum * _sum);
    }

    /// <summary>Whether all pixels of the thumbnail have one level, as those of an empty sheet have; such images have only exact copies.</summary>
    public bool IsConstant => _deviation == 0;

    /// <summary>Checksum of size and pixels, equal for images with equal pixels.</summary>
    internal UInt128 Checksum { get; }

    /// <summary>Levels of the thumbnail, row by row.</summary>
    internal ReadOnlySpan<byte> Levels => _levels;

    /// <summary>Computes the fingerprint of an image.</summary>
    /// <param name="image">Pixels of any size with 1 or 3 channels.</param>
    public static ImageFingerprint Compute(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var small = PadResize.Stretch(image, Side, Side);
        var levels = Luma.Of(small);
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(image.Bytes, checksum);
        var (low, high) = (BitConverter.ToUInt64(checksum), BitConverter.ToUInt64(checksum[8..]));
        // The size is part of the checksum: an empty sheet of 2 × 8 pixels is none of 4 × 4.
        return new ImageFingerprint(levels, new UInt128(high, low ^ ((ulong)image.Width << 32) ^ (ulong)image.Height));
    }

    /// <summary>Wraps a thumbnail that was computed in another way; its checksum is of the levels.</summary>
    /// <param name="levels">Levels of the thumbnail, row by row; not copied.</param>
    internal static ImageFingerprint FromLevels(byte[] levels)
    {
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(levels, checksum);
        return new ImageFingerprint(levels, new UInt128(BitConverter.ToUInt64(checksum[8..]), BitConverter.ToUInt64(checksum)));
    }

    /// <summary>Returns the fingerprint of the mirrored image, which is equal to that of no other image.</summary>
    public ImageFingerprint Mirror()
    {
        var mirrored = new byte[Size];
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                mirrored[(y * Side) + x] = _levels[(y * Side) + Side - 1 - x];
            }
        }

        return new ImageFingerprint(mirrored, ~Checksum);
    }

    /// <summary>Computes the Pearson correlation of two thumbnails, which brightness and contrast do not change.</summary>
    /// <returns>A number from -1 to 1; 0 where a thumbnail is constant.</returns>
    public double CorrelationWith(ImageFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (IsConstant || other.IsConstant)
        {
            return 0;
        }

        var covariance = (Size * Product(_levels, other._levels)) - ((long)_sum * other._sum);
        return covariance / (Math.Sqrt(_deviation) * Math.Sqrt(other._deviation));
    }

    // The largest sum, 32² × 255², is below 2^32.
    private static long Product(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sums = Vector<uint>.Zero;
        for (var i = 0; i < Size; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(a[i..]), out var a0, out var a1);
            Vector.Widen(new Vector<byte>(b[i..]), out var b0, out var b1);
            // 255² fits 16 unsigned bits.
            Vector.Widen(a0 * b0, out var p0, out var p1);
            Vector.Widen(a1 * b1, out var p2, out var p3);
            sums += p0 + p1 + p2 + p3;
        }

        Vector.Widen(sums, out var low, out var high);
        return (long)Vector.Sum(low + high);
    }
}

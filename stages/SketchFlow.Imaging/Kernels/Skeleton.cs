using System.Buffers;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Parallel thinning: removes layers of a shape until only its skeleton remains, and never breaks the shape or opens and closes holes.</summary>
/// <remarks>
/// One layer is four passes, from above, below, left and right. Each pass removes in parallel all border pixels of its side that are simple
/// (removal changes neither the number of 8-connected components nor that of 4-connected holes) and are not ends of lines. Rosenfeld proved that
/// this keeps the topology (A characterization of parallel thinning algorithms, Information and Control 29, 1975).
/// </remarks>
internal static class Skeleton
{
    // Neighbours counter-clockwise from the right: E, NE, N, NW, W, SW, S, SE are the bits 0 to 7.
    private static readonly bool[] Removable = [.. Enumerable.Range(0, 256).Select(IsRemovable)];

    /// <summary>Removes up to <paramref name="layers"/> layers.</summary>
    /// <param name="shape">Rows of pixels, 1 inside the shape and 0 outside; changed in place.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="layers">Largest number of layers; stops earlier when only the skeleton is left.</param>
    public static void Peel(Span<byte> shape, int width, int height, int layers)
    {
        // A frame of zeros, so that every pixel has eight neighbours.
        var stride = width + 2;
        var rented = ArrayPool<byte>.Shared.Rent(stride * (height + 2));
        var framed = rented.AsSpan(0, stride * (height + 2));
        framed.Clear();
        for (var y = 0; y < height; y++)
        {
            shape.Slice(y * width, width).CopyTo(framed[(((y + 1) * stride) + 1)..]);
        }

        ReadOnlySpan<int> around = [1, 1 - stride, -stride, -stride - 1, -1, stride - 1, stride, stride + 1];
        ReadOnlySpan<int> sides = [2, 6, 4, 0];
        var removed = new List<int>();
        var changed = true;
        for (; layers > 0 && changed; layers--)
        {
            changed = false;
            foreach (var side in sides)
            {
                changed |= RemoveBorder(framed, width, height, around, side, removed);
            }
        }

        for (var y = 0; y < height; y++)
        {
            framed.Slice(((y + 1) * stride) + 1, width).CopyTo(shape[(y * width)..]);
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    // Removes the simple pixels whose neighbour on one side is outside of the shape; returns whether there were any.
    private static bool RemoveBorder(Span<byte> framed, int width, int height, ReadOnlySpan<int> around, int side, List<int> removed)
    {
        var stride = width + 2;
        removed.Clear();
        for (var y = 1; y <= height; y++)
        {
            var (at, end) = ((y * stride) + 1, (y * stride) + 1 + width);
            while (at < end)
            {
                // Most of a drawing is paper: IndexOf skips it quickly.
                var skip = framed[at..end].IndexOf((byte)1);
                if (skip < 0)
                {
                    break;
                }

                at += skip;
                if (framed[at + around[side]] == 0)
                {
                    var bits = 0;
                    for (var i = 0; i < 8; i++)
                    {
                        bits |= framed[at + around[i]] << i;
                    }

                    if (Removable[bits])
                    {
                        removed.Add(at);
                    }
                }

                at++;
            }
        }

        foreach (var at in removed)
        {
            framed[at] = 0;
        }

        return removed.Count > 0;
    }

    // Yokoi's connectivity number for 8-connected shapes is 1, and at least two neighbours remain (not the end of a line).
    private static bool IsRemovable(int bits)
    {
        var number = 0;
        for (var k = 0; k < 8; k += 2)
        {
            var (a, b, c) = (Off(k), Off(k + 1), Off((k + 2) % 8));
            number += a - (a * b * c);
        }

        return number == 1 && System.Numerics.BitOperations.PopCount((uint)bits) >= 2;

        int Off(int k) => 1 - (bits >> k & 1);
    }
}

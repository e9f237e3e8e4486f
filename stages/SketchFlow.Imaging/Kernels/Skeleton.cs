using System.Buffers;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Peels layers off a shape and never breaks, empties or fills it: what is left at last is its skeleton.</summary>
/// <remarks>
/// One layer is four passes, from above, below, left and right; each takes away at once all border pixels of its side that are simple (their
/// going changes neither the number of pieces, 8-connected, nor of holes, 4-connected) and no ends of lines. That topology is kept is
/// Rosenfeld's theorem (A characterization of parallel thinning algorithms, Information and Control 29, 1975).
/// </remarks>
internal static class Skeleton
{
    // Neighbours in a circle from the right, counter-clockwise: E, NE, N, NW, W, SW, S, SE are the bits 0 to 7.
    private static readonly bool[] Removable = [.. Enumerable.Range(0, 256).Select(IsRemovable)];

    /// <summary>Peels up to <paramref name="layers"/> layers.</summary>
    /// <param name="shape">Rows of pixels, 1 within the shape and 0 outside; changed in place.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="layers">Most layers; it ends before where only the skeleton is left.</param>
    public static void Peel(Span<byte> shape, int width, int height, int layers)
    {
        // A frame of nothing around, so that no neighbour is missing.
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
        var gone = new List<int>();
        var changed = true;
        for (; layers > 0 && changed; layers--)
        {
            changed = false;
            foreach (var side in sides)
            {
                gone.Clear();
                for (var y = 1; y <= height; y++)
                {
                    var (at, end) = ((y * stride) + 1, (y * stride) + 1 + width);
                    while (at < end)
                    {
                        // Most of a drawing is paper, which is skipped at once.
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
                                gone.Add(at);
                            }
                        }

                        at++;
                    }
                }

                foreach (var at in gone)
                {
                    framed[at] = 0;
                }

                changed |= gone.Count > 0;
            }
        }

        for (var y = 0; y < height; y++)
        {
            framed.Slice(((y + 1) * stride) + 1, width).CopyTo(shape[(y * width)..]);
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    // Yokoi's connectivity number for 8-connected shapes is 1, and more than one neighbour is left to hold on to.
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

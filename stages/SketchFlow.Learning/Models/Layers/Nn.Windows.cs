using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// (N, H, W, C) to (N × windows, size × size, C): each window is a square of neighbouring pixels, row by row. Both sides are
    /// multiples of <paramref name="size"/>.
    /// </summary>
    public static torch.Tensor ToWindows(torch.Tensor x, long size) => x
        .reshape(x.shape[0], x.shape[1] / size, size, x.shape[2] / size, size, x.shape[3])
        .permute(0, 1, 3, 2, 4, 5)
        .reshape(-1, size * size, x.shape[3]);

    /// <summary>The way back: (N × windows, size × size, C) to (N, side, side, C).</summary>
    public static torch.Tensor FromWindows(torch.Tensor windows, long size, long side) => windows
        .reshape(-1, side / size, side / size, size, size, windows.shape[2])
        .permute(0, 1, 3, 2, 4, 5)
        .reshape(-1, side, side, windows.shape[2]);

    /// <summary>
    /// (N, H, W, C) to (N × cells, size × size, C): each group is a grid of <paramref name="size"/> × size pixels spread evenly over
    /// the whole image (MaxViT, Tu et al. 2022). Both sides are multiples of <paramref name="size"/>.
    /// </summary>
    public static torch.Tensor ToGrid(torch.Tensor x, long size) => x
        .reshape(x.shape[0], size, x.shape[1] / size, size, x.shape[2] / size, x.shape[3])
        .permute(0, 2, 4, 1, 3, 5)
        .reshape(-1, size * size, x.shape[3]);

    /// <summary>The way back: (N × cells, size × size, C) to (N, side, side, C).</summary>
    public static torch.Tensor FromGrid(torch.Tensor groups, long size, long side) => groups
        .reshape(-1, side / size, side / size, size, size, groups.shape[2])
        .permute(0, 3, 1, 4, 2, 5)
        .reshape(-1, side, side, groups.shape[2]);

    /// <summary>
    /// A layer over windows (N × windows, size × size, C) as one over a square image (N, side, side, C): the image is rolled, filled up with
    /// zeros behind, cut into windows, and all that undone. A count of the work goes past the rolling.
    /// </summary>
    /// <param name="layer">The layer over windows.</param>
    /// <param name="side">Side of the image in pixels.</param>
    /// <param name="size">Side of a window.</param>
    /// <param name="shift">By how many pixels the image is rolled up and to the left.</param>
    internal static Layer Windowed(Layer layer, int side, int size, int shift = 0)
    {
        var padded = (side + size - 1) / size * size;
        var missing = padded - side;
        return Tidy((pass, x) =>
        {
            var rolled = shift == 0 || pass.Tally is not null ? x : x.roll([-shift, -shift], [1, 2]);
            var filled = missing == 0 ? rolled : F.pad(rolled, [0, 0, 0, missing, 0, missing]);
            var image = FromWindows(layer(pass, ToWindows(filled, size)), size, padded);
            var cut = missing == 0 ? image : image.narrow(1, 0, side).narrow(2, 0, side);
            return shift == 0 || pass.Tally is not null ? cut : cut.roll([shift, shift], [1, 2]);
        });
    }

    /// <summary>
    /// Where the bias of each pair of a window's pixels stands in a table of (2 size - 1)² relative places: [query, key], row by row.
    /// </summary>
    /// <param name="size">Side of the window in pixels.</param>
    /// <param name="fromQuery">The place is the key's as the query sees it (MaxViT in TensorFlow); otherwise the query's as the key sees it (Swin).</param>
    internal static long[] RelativePlaces(int size, bool fromQuery = false)
    {
        var (pixels, places) = (size * size, (2 * size) - 1);
        var table = new long[pixels * pixels];
        for (var i = 0; i < table.Length; i++)
        {
            var (a, b) = fromQuery ? (i % pixels, i / pixels) : (i / pixels, i % pixels);
            var (row, column) = ((a / size) - (b / size) + size - 1, (a % size) - (b % size) + size - 1);
            table[i] = (row * places) + column;
        }

        return table;
    }

    /// <summary>
    /// The same with a class token before the pixels: what it sees has one row behind the table's places, what sees it the next, and
    /// itself the last (BEiT, Bao et al. 2022).
    /// </summary>
    private static long[] WithClassToken(long[] places, int size)
    {
        var (pixels, behind) = (size * size, ((2L * size) - 1) * ((2L * size) - 1));
        var table = new long[(pixels + 1) * (pixels + 1)];
        for (var i = 0; i < table.Length; i++)
        {
            var (query, key) = (i / (pixels + 1), i % (pixels + 1));
            table[i] = (query, key) switch
            {
                (0, 0) => behind + 2,
                (0, _) => behind,
                (_, 0) => behind + 1,
                _ => places[((query - 1) * pixels) + key - 1],
            };
        }

        return table;
    }

    /// <summary>
    /// Biases of relative places, one for each head, spread to all pairs of a window: a function of a table (places, heads) to
    /// (1, heads, pixels, pixels). A count of the work goes past it.
    /// </summary>
    /// <param name="size">Side of the window in pixels.</param>
    /// <param name="fromQuery">See <see cref="RelativePlaces"/>.</param>
    /// <param name="classToken">A class token stands before the pixels (see <see cref="WithClassToken"/>).</param>
    internal static Layer SpreadBias(int size, bool fromQuery = false, bool classToken = false)
    {
        var pixels = ((long)size * size) + (classToken ? 1 : 0);
        var places = Indices(() => classToken ? WithClassToken(RelativePlaces(size, fromQuery), size) : RelativePlaces(size, fromQuery));
        return (pass, table) => pass.Tally is null
            ? table.index_select(0, places(table)).reshape(pixels, pixels, table.shape[1]).permute(2, 0, 1).unsqueeze(0)
            : table;
    }

    /// <summary>
    /// What a shifted image's windows may not see (Liu et al. 2021): -100 between pixels that lay at opposite borders before the shift,
    /// 0 elsewhere; (windows, pixels, pixels), row by row.
    /// </summary>
    /// <param name="side">Side of the image in pixels, a multiple of <paramref name="size"/>.</param>
    /// <param name="size">Side of a window.</param>
    /// <param name="shift">By how many pixels it was rolled up and to the left.</param>
    internal static float[] ShiftMask(int side, int size, int shift)
    {
        var (across, pixels) = (side / size, size * size);
        var values = new float[across * across * pixels * pixels];
        for (var i = 0; i < values.Length; i++)
        {
            var (window, a, b) = (i / (pixels * pixels), i / pixels % pixels, i % pixels);
            values[i] = Region(window, a) == Region(window, b) ? 0 : -100;
        }

        return values;

        int Region(int window, int pixel) => (Band((window / across * size) + (pixel / size)) * 3) + Band((window % across * size) + (pixel % size));

        int Band(int place) => place < side - size ? 0 : place < side - shift ? 1 : 2;
    }

    /// <summary>Queries, keys and values of (windows, pixels, 3 C), each (windows, heads, pixels, C / heads).</summary>
    internal static torch.Tensor[] SplitHeads(torch.Tensor qkv, int heads) =>
        qkv.reshape(qkv.shape[0], qkv.shape[1], 3, heads, qkv.shape[2] / 3 / heads).permute(2, 0, 3, 1, 4).unbind(0);

    /// <summary>The same where a head's query, key and value lie side by side.</summary>
    internal static torch.Tensor[] SplitHeadByHead(torch.Tensor qkv, int heads) =>
        qkv.reshape(qkv.shape[0], qkv.shape[1], heads, qkv.shape[2] / heads).transpose(1, 2).chunk(3, 3);
}

using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Partitions (N, H, W, C) into windows (N × windows, size × size, C): each window is a square of neighbouring pixels, row by row. Both
    /// sides must be multiples of <paramref name="size"/>.
    /// </summary>
    public static Value ToWindows(Value x, long size) => x
        .Reshape(x.Shape[0], x.Shape[1] / size, size, x.Shape[2] / size, size, x.Shape[3])
        .Permute(0, 1, 3, 2, 4, 5)
        .Reshape(-1, size * size, x.Shape[3]);

    /// <summary>Joins windows (N × windows, size × size, C) to images (N, side, side, C).</summary>
    public static Value FromWindows(Value windows, long size, long side) => windows
        .Reshape(-1, side / size, side / size, size, size, windows.Shape[2])
        .Permute(0, 1, 3, 2, 4, 5)
        .Reshape(-1, side, side, windows.Shape[2]);

    /// <summary>
    /// Partitions (N, H, W, C) into grids (N × cells, size × size, C): each group is a grid of <paramref name="size"/> × size pixels spread
    /// evenly over the image (MaxViT, Tu et al. 2022). Both sides must be multiples of <paramref name="size"/>.
    /// </summary>
    public static Value ToGrid(Value x, long size) => x
        .Reshape(x.Shape[0], size, x.Shape[1] / size, size, x.Shape[2] / size, x.Shape[3])
        .Permute(0, 2, 4, 1, 3, 5)
        .Reshape(-1, size * size, x.Shape[3]);

    /// <summary>Joins grids (N × cells, size × size, C) to images (N, side, side, C).</summary>
    public static Value FromGrid(Value groups, long size, long side) => groups
        .Reshape(-1, side / size, side / size, size, size, groups.Shape[2])
        .Permute(0, 3, 1, 4, 2, 5)
        .Reshape(-1, side, side, groups.Shape[2]);

    /// <summary>Applies a layer whose attention has these keys.</summary>
    internal static Layer Over(TokenLayout tokens, Layer layer) => (pass, x) => layer(pass.Over(tokens), x);

    /// <summary>
    /// Applies a layer over windows (N × windows, size × size, C) to square images (N, side, side, C): the image is rolled, padded with zeros
    /// at the right and the bottom, and partitioned into windows; afterwards these steps are undone.
    /// </summary>
    /// <param name="layer">The layer over windows.</param>
    /// <param name="side">Side of the image in pixels.</param>
    /// <param name="size">Side of a window.</param>
    /// <param name="shift">Number of pixels by which the image is rolled up and to the left.</param>
    internal static Layer Windowed(Layer layer, int side, int size, int shift = 0)
    {
        var padded = (side + size - 1) / size * size;
        var missing = padded - side;
        var inner = Over(new TokenLayout(0, side, side) { Partition = new(size) { Shift = shift } }, layer);
        return Tidy((pass, x) =>
        {
            var rolled = shift == 0 ? x : x.Roll([-shift, -shift], [1, 2]);
            var filled = missing == 0 ? rolled : rolled.Pad([0, 0, 0, missing, 0, missing]);
            var image = FromWindows(inner(pass, ToWindows(filled, size)), size, padded);
            var cut = missing == 0 ? image : image.Narrow(1, 0, side).Narrow(2, 0, side);
            return shift == 0 ? cut : cut.Roll([shift, shift], [1, 2]);
        });
    }

    /// <summary>
    /// Computes the index of the bias of each pair of a window's pixels in a table of (2 size - 1)² relative positions: [query, key], row by row.
    /// </summary>
    /// <param name="size">Side of the window in pixels.</param>
    /// <param name="fromQuery">
    /// Whether the position is the key's relative to the query (MaxViT in TensorFlow); otherwise the query's relative to the key (Swin).
    /// </param>
    internal static long[] RelativePositionIndices(int size, bool fromQuery = false)
    {
        var (pixels, across) = (size * size, (2 * size) - 1);
        var table = new long[pixels * pixels];
        for (var i = 0; i < table.Length; i++)
        {
            var (a, b) = fromQuery ? (i % pixels, i / pixels) : (i / pixels, i % pixels);
            var (row, column) = ((a / size) - (b / size) + size - 1, (a % size) - (b % size) + size - 1);
            table[i] = (row * across) + column;
        }

        return table;
    }

    /// <summary>
    /// Extends the indices by a class token before the pixels: after the table's positions there is one row for pairs with the class token as
    /// query, one for pairs with it as key, and one for the class token with itself (BEiT, Bao et al. 2022).
    /// </summary>
    private static long[] AddClassToken(long[] indices, int size)
    {
        var (pixels, firstRow) = (size * size, ((2L * size) - 1) * ((2L * size) - 1));
        var table = new long[(pixels + 1) * (pixels + 1)];
        for (var i = 0; i < table.Length; i++)
        {
            var (query, key) = (i / (pixels + 1), i % (pixels + 1));
            table[i] = (query, key) switch
            {
                (0, 0) => firstRow + 2,
                (0, _) => firstRow,
                (_, 0) => firstRow + 1,
                _ => indices[((query - 1) * pixels) + key - 1],
            };
        }

        return table;
    }

    /// <summary>
    /// Returns a function that gathers a table of biases for relative positions (positions, heads) into biases for all pairs of a window's
    /// pixels (1, heads, pixels, pixels).
    /// </summary>
    /// <param name="size">Side of the window in pixels.</param>
    /// <param name="fromQuery">Direction of the position, see <see cref="RelativePositionIndices"/>.</param>
    /// <param name="classToken">Whether a class token precedes the pixels, see <see cref="AddClassToken"/>.</param>
    internal static Layer GatherRelativeBias(int size, bool fromQuery = false, bool classToken = false)
    {
        var pixels = ((long)size * size) + (classToken ? 1 : 0);
        var indices = ConstantIndices(() => classToken
            ? AddClassToken(RelativePositionIndices(size, fromQuery), size)
            : RelativePositionIndices(size, fromQuery));
        return (_, table) => table.IndexSelect(0, indices(table)).Reshape(pixels, pixels, table.Shape[1]).Permute(2, 0, 1).Unsqueeze(0);
    }

    /// <summary>
    /// Computes the attention mask of a shifted image's windows (Liu et al. 2021): -100 between pixels that were at opposite borders before the
    /// shift, 0 elsewhere; (windows, pixels, pixels), row by row.
    /// </summary>
    /// <param name="side">Side of the image in pixels, a multiple of <paramref name="size"/>.</param>
    /// <param name="size">Side of a window.</param>
    /// <param name="shift">Number of pixels by which the image was rolled up and to the left.</param>
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

        int Band(int position) => position < side - size ? 0 : position < side - shift ? 1 : 2;
    }

    /// <summary>Splits (windows, pixels, 3 C) into queries, keys and values, each (windows, heads, pixels, C / heads).</summary>
    internal static Value[] SplitHeads(Value qkv, int heads) =>
        qkv.Reshape(qkv.Shape[0], qkv.Shape[1], 3, heads, qkv.Shape[2] / 3 / heads).Permute(2, 0, 3, 1, 4).Unbind(0);

    /// <summary>Splits like <see cref="SplitHeads"/> if each head's query, key and value are adjacent.</summary>
    internal static Value[] SplitInterleavedHeads(Value qkv, int heads) =>
        qkv.Reshape(qkv.Shape[0], qkv.Shape[1], heads, qkv.Shape[2] / heads).Transpose(1, 2).Chunk(3, 3);
}

using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Rotation by fixed angles (timm's <c>RotaryEmbeddingCat</c> and <c>RotaryEmbeddingDinoV3</c>).</summary>
    /// <param name="options">The angles.</param>
    /// <param name="side">Patches along a side.</param>
    /// <param name="headWidth">Channels of a head, a multiple of 4.</param>
    /// <param name="prefix">Tokens in front that stand for no place and are not turned.</param>
    public static RotaryEmbedding Rotation(RotaryEmbeddingOptions options, int side, int headWidth, int prefix)
    {
        long[] shape = [1, 1, side * side, headWidth];
        var cosine = Constant(() => Table((angle, _) => MathF.Cos(angle)), shape);
        var sine = Constant(() => Table((angle, first) => first ? -MathF.Sin(angle) : MathF.Sin(angle)), shape);
        return (_, query, key) =>
        {
            var (cosines, sines) = (cosine(query), sine(query));
            return (Turn(query, cosines, sines, prefix, options.Centred), Turn(key, cosines, sines, prefix, options.Centred));
        };

        float[] Table(Func<float, bool, float> value)
        {
            var table = new float[side * side * headWidth];
            for (var i = 0; i < table.Length; i++)
            {
                var (patch, channel) = (i / headWidth, i % headWidth);
                var (pair, first) = options.Centred ? (channel % (headWidth / 2), channel < headWidth / 2) : (channel / 2, channel % 2 == 0);
                table[i] = value(Angle(patch, pair), first);
            }

            return table;
        }

        // In float32 throughout, as timm computes them.
        float Angle(int patch, int pair)
        {
            var bands = headWidth / 4;
            var (axis, band) = (pair / bands, pair % bands);
            float at = (axis == 0) != options.ColumnFirst ? patch / side : patch % side;
            if (options.Centred)
            {
                var middle = (2 * ((at + 0.5f) / side)) - 1;
                return 2 * MathF.PI * middle / MathF.Pow((float)options.Temperature, 2f * band / (headWidth / 2));
            }

            var place = at + (float)options.Offset;
            place = options.Reference is { } reference ? place / side * reference : place;
            return place * (1 / MathF.Pow((float)options.Temperature, band / (float)bands));
        }
    }

    /// <summary>
    /// Speeds of a rotation that each head of each block learns, (2, blocks, heads, half a head): of every pair with the column, then
    /// with the row (Heo et al. 2024, RoPE-Mixed; timm's <c>RotaryEmbeddingMixed</c>).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="blocks">Blocks of the model.</param>
    /// <param name="heads">Heads of a block.</param>
    /// <param name="headWidth">Channels of a head, a multiple of 4.</param>
    /// <param name="temperature">Of the speeds they start with.</param>
    public static TensorSlot RotationSpeeds(ParameterScope scope, int blocks, int heads, int headWidth, double temperature) =>
        scope.Parameter("freqs", [2, blocks, heads, headWidth / 2], new Initializer.Speeds(temperature, headWidth), decays: false);

    /// <summary>Rotation of one block by learned <paramref name="speeds"/> (see <see cref="RotationSpeeds"/>); neighbours are a pair.</summary>
    public static RotaryEmbedding LearnedRotation(TensorSlot speeds, int block, int side, int prefix)
    {
        var (columns, rows) = (Places(i => i % side), Places(i => i / side));
        return (pass, query, key) =>
        {
            using var scope = torch.NewDisposeScope();

            // (heads, patches, half a head), in the precision of the speeds: products of matrices would be rounded under autocast.
            var both = pass[speeds].select(1, block).unsqueeze(2);
            var angles = (both[0] * columns(both)) + (both[1] * rows(both));
            var (cosine, sine) = (angles.cos(), angles.sin());
            var cosines = torch.stack([cosine, cosine], -1).flatten(-2).unsqueeze(0).to(query.dtype);
            var sines = torch.stack([-sine, sine], -1).flatten(-2).unsqueeze(0).to(query.dtype);
            return (
                Turn(query, cosines, sines, prefix, halves: false).MoveToOuterDisposeScope(),
                Turn(key, cosines, sines, prefix, halves: false).MoveToOuterDisposeScope());
        };

        Func<torch.Tensor, torch.Tensor> Places(Func<int, int> place) =>
            Constant([.. Enumerable.Range(0, side * side).Select(i => (float)place(i))], [side * side, 1]);
    }

    /// <summary>Turns pairs of channels; the sign of the sine is in its table, so that (a, b) to (b, a) is left to do.</summary>
    private static torch.Tensor Turn(torch.Tensor x, torch.Tensor cosines, torch.Tensor sines, int prefix, bool halves)
    {
        using var scope = torch.NewDisposeScope();
        var places = x.narrow(2, prefix, x.shape[2] - prefix);
        var width = x.shape[3];
        var swapped = halves
            ? torch.cat([places.narrow(3, width / 2, width / 2), places.narrow(3, 0, width / 2)], 3)
            : places.reshape(x.shape[0], x.shape[1], places.shape[2], width / 2, 2).flip(-1).reshape(places.shape);
        var turned = (places * cosines) + (swapped * sines);
        return (prefix == 0 ? turned : torch.cat([x.narrow(2, 0, prefix), turned], 2)).MoveToOuterDisposeScope();
    }
}

using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Returns a rotary embedding with fixed angles (timm's <c>RotaryEmbeddingCat</c> and <c>RotaryEmbeddingDinoV3</c>).</summary>
    /// <param name="options">Settings of the angles.</param>
    /// <param name="side">Number of patches along a side.</param>
    /// <param name="headWidth">Number of channels per head, a multiple of 4.</param>
    /// <param name="prefix">Number of leading tokens without a position, which are not rotated.</param>
    public static RotaryEmbedding FixedRotaryEmbedding(RotaryEmbeddingOptions options, int side, int headWidth, int prefix)
    {
        long[] shape = [1, 1, side * side, headWidth];
        var cosine = Constant(() => Table((angle, _) => MathF.Cos(angle)), shape);
        var sine = Constant(() => Table((angle, first) => first ? -MathF.Sin(angle) : MathF.Sin(angle)), shape);
        return (_, query, key) =>
        {
            var (cosines, sines) = (cosine(query), sine(query));
            return (Rotate(query, cosines, sines, prefix, options.Centred), Rotate(key, cosines, sines, prefix, options.Centred));
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

        // Computed in float32 throughout, like timm.
        float Angle(int patch, int pair)
        {
            var bands = headWidth / 4;
            var (axis, band) = (pair / bands, pair % bands);
            float at = (axis == 0) != options.ColumnFirst ? patch / side : patch % side;
            if (options.Centred)
            {
                var centre = (2 * ((at + 0.5f) / side)) - 1;
                return 2 * MathF.PI * centre / MathF.Pow((float)options.Temperature, 2f * band / (headWidth / 2));
            }

            var position = at + (float)options.Offset;
            position = options.Reference is { } reference ? position / side * reference : position;
            return position * (1 / MathF.Pow((float)options.Temperature, band / (float)bands));
        }
    }

    /// <summary>
    /// Declares the frequencies of a learned rotary embedding, (2, blocks, heads, half the head width): for each pair of channels, first with
    /// the column, then with the row (Heo et al. 2024, RoPE-Mixed; timm's <c>RotaryEmbeddingMixed</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="blocks">Number of blocks of the model.</param>
    /// <param name="heads">Number of heads per block.</param>
    /// <param name="headWidth">Number of channels per head, a multiple of 4.</param>
    /// <param name="temperature">Temperature of the initial frequencies.</param>
    public static TensorSlot RotaryFrequencies(ParameterScope scope, int blocks, int heads, int headWidth, double temperature) =>
        scope.Parameter(
            "freqs", [2, blocks, heads, headWidth / 2], new Initializer.RotaryFrequencies(temperature, headWidth), ParameterOptions.NoDecay);

    /// <summary>Returns the rotary embedding of one block with learned <paramref name="frequencies"/>; pairs are neighbouring channels.</summary>
    public static RotaryEmbedding LearnedRotaryEmbedding(TensorSlot frequencies, int block, int side, int prefix)
    {
        var (columns, rows) = (Positions(i => i % side), Positions(i => i / side));
        return (pass, query, key) =>
        {
            using var scope = torch.NewDisposeScope();

            // (heads, patches, half the head width), in the precision of the frequencies; matrix products would be rounded under autocast.
            var both = pass[frequencies].Select(1, block).Unsqueeze(2);
            var angles = (both.Select(0, 0) * columns(both)) + (both.Select(0, 1) * rows(both));
            var (cosine, sine) = (angles.Cos(), angles.Sin());
            var cosines = Value.Stack([cosine, cosine], -1).Flatten(-2).Unsqueeze(0).To(query.Type);
            var sines = Value.Stack([-sine, sine], -1).Flatten(-2).Unsqueeze(0).To(query.Type);
            return (
                Rotate(query, cosines, sines, prefix, halves: false).MoveToOuterDisposeScope(),
                Rotate(key, cosines, sines, prefix, halves: false).MoveToOuterDisposeScope());
        };

        Func<Value, Value> Positions(Func<int, int> position) =>
            Constant([.. Enumerable.Range(0, side * side).Select(i => (float)position(i))], [side * side, 1]);
    }

    /// <summary>Rotates pairs of channels. The sine table holds the sign, so that each pair (a, b) only has to be swapped.</summary>
    private static Value Rotate(Value x, Value cosines, Value sines, int prefix, bool halves)
    {
        using var scope = torch.NewDisposeScope();
        var patches = x.Narrow(2, prefix, x.Shape[2] - prefix);
        var width = x.Shape[3];
        var swapped = halves
            ? Value.Concatenate([patches.Narrow(3, width / 2, width / 2), patches.Narrow(3, 0, width / 2)], 3)
            : patches.Reshape(x.Shape[0], x.Shape[1], patches.Shape[2], width / 2, 2).Flip(-1).Reshape(patches.Shape);
        var rotated = (patches * cosines) + (swapped * sines);
        return (prefix == 0 ? rotated : Value.Concatenate([x.Narrow(2, 0, prefix), rotated], 2)).MoveToOuterDisposeScope();
    }
}

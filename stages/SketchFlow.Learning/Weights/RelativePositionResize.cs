namespace SketchFlow.Learning.Weights;

/// <summary>
/// Stretches a table of biases for relative places to windows of another size, as timm's <c>resize_rel_pos_bias_table</c> does: places
/// near the middle, where a step matters most, keep their distances, and those further out are spread in a geometric progression
/// (Bao et al. 2022, BEiT); between them it is linear in both directions.
/// </summary>
internal static class RelativePositionResize
{
    /// <summary>The table of one head, row by row.</summary>
    /// <param name="table">Values of <paramref name="from"/> × <paramref name="from"/> places.</param>
    /// <param name="from">Odd number of places along a side in the table.</param>
    /// <param name="to">Odd number of places wanted.</param>
    public static float[] Stretch(ReadOnlySpan<float> table, int from, int to)
    {
        var (places, stretched) = (Spread(from, to), new float[to * to]);
        for (var i = 0; i < stretched.Length; i++)
        {
            var (row, column) = (Between(places, (i / to) - (to / 2)), Between(places, (i % to) - (to / 2)));
            var sum = (table[(row.Left * from) + column.Left] * row.OfLeft * column.OfLeft)
                + (table[(row.Left * from) + column.Right] * row.OfLeft * column.OfRight)
                + (table[(row.Right * from) + column.Left] * row.OfRight * column.OfLeft)
                + (table[(row.Right * from) + column.Right] * row.OfRight * column.OfRight);
            stretched[i] = sum / ((row.OfLeft + row.OfRight) * (column.OfLeft + column.OfRight));
        }

        return stretched;
    }

    /// <summary>Where the table's places lie among the wanted ones: 0 in the middle, then steps that grow by one ratio, which is found by halving.</summary>
    internal static float[] Spread(int from, int to)
    {
        var (left, right, ratio) = (1.01, 1.5, 0.0);
        while (right - left > 1e-6)
        {
            ratio = (left + right) / 2;
            var reach = (1 - Math.Pow(ratio, from / 2)) / (1 - ratio);
            (left, right) = reach > to / 2 ? (left, ratio) : (ratio, right);
        }

        var places = new float[from];
        var place = 1.0;
        for (var step = 0; step < from / 2; step++)
        {
            places[(from / 2) + step + 1] = (float)place;
            places[(from / 2) - step - 1] = -(float)place;
            place += Math.Pow(ratio, step + 1);
        }

        return places;
    }

    /// <summary>The places beside <paramref name="wanted"/> and the share of each; beyond the ends the last one alone.</summary>
    private static (int Left, int Right, float OfLeft, float OfRight) Between(float[] places, float wanted)
    {
        var right = 0;
        while (right < places.Length && places[right] < wanted)
        {
            right++;
        }

        right = Math.Min(right, places.Length - 1);
        var left = Math.Max(right - 1, 0);
        var (fromLeft, toRight) = (Math.Max(wanted - places[left], 0), Math.Max(places[right] - wanted, 0));
        return fromLeft == 0 && toRight == 0 ? (left, right, 1, 1) : (left, right, toRight, fromLeft);
    }
}

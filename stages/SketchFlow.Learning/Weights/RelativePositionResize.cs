namespace SketchFlow.Learning.Weights;

/// <summary>
/// Resizes a table of relative position biases to another window size, like timm's <c>resize_rel_pos_bias_table</c>: offsets near the centre,
/// where each step matters most, keep their distances; offsets further out are spaced in a geometric progression (Bao et al. 2022, BEiT), with
/// bilinear interpolation between them.
/// </summary>
internal static class RelativePositionResize
{
    /// <summary>Resizes the table of one attention head, stored row by row.</summary>
    /// <param name="table">Values of <paramref name="from"/> × <paramref name="from"/> offsets.</param>
    /// <param name="from">Number of offsets along one side of the table, odd.</param>
    /// <param name="to">Number of offsets along one side of the result, odd.</param>
    public static float[] Stretch(ReadOnlySpan<float> table, int from, int to)
    {
        var (positions, stretched) = (SourcePositions(from, to), new float[to * to]);
        for (var i = 0; i < stretched.Length; i++)
        {
            var (row, column) = (Neighbours(positions, (i / to) - (to / 2)), Neighbours(positions, (i % to) - (to / 2)));
            var sum = (table[(row.Left * from) + column.Left] * row.LeftWeight * column.LeftWeight)
                + (table[(row.Left * from) + column.Right] * row.LeftWeight * column.RightWeight)
                + (table[(row.Right * from) + column.Left] * row.RightWeight * column.LeftWeight)
                + (table[(row.Right * from) + column.Right] * row.RightWeight * column.RightWeight);
            stretched[i] = sum / ((row.LeftWeight + row.RightWeight) * (column.LeftWeight + column.RightWeight));
        }

        return stretched;
    }

    /// <summary>
    /// Computes the position of each source offset on the axis of target offsets: 0 in the centre, with steps that grow by a constant ratio,
    /// which is found by bisection.
    /// </summary>
    internal static float[] SourcePositions(int from, int to)
    {
        var (left, right, ratio) = (1.01, 1.5, 0.0);
        while (right - left > 1e-6)
        {
            ratio = (left + right) / 2;
            var reach = (1 - Math.Pow(ratio, from / 2)) / (1 - ratio);
            (left, right) = reach > to / 2 ? (left, ratio) : (ratio, right);
        }

        var positions = new float[from];
        var position = 1.0;
        for (var step = 0; step < from / 2; step++)
        {
            positions[(from / 2) + step + 1] = (float)position;
            positions[(from / 2) - step - 1] = -(float)position;
            position += Math.Pow(ratio, step + 1);
        }

        return positions;
    }

    /// <summary>Finds the source offsets on both sides of <paramref name="target"/> and their weights; beyond the ends the last one is used alone.</summary>
    private static (int Left, int Right, float LeftWeight, float RightWeight) Neighbours(float[] positions, float target)
    {
        var right = 0;
        while (right < positions.Length && positions[right] < target)
        {
            right++;
        }

        right = Math.Min(right, positions.Length - 1);
        var left = Math.Max(right - 1, 0);
        var (fromLeft, toRight) = (Math.Max(target - positions[left], 0), Math.Max(positions[right] - target, 0));
        return fromLeft == 0 && toRight == 0 ? (left, right, 1, 1) : (left, right, toRight, fromLeft);
    }
}

namespace SketchFlow.Pipeline.Cli.Terminal;

/// <summary>The columns of a table that a terminal has room for, and their widths.</summary>
/// <param name="Columns">Indices of the shown columns with their widths; empty where even the columns that are always shown are too wide.</param>
/// <param name="LeftOut">Headers of the columns that are left out.</param>
internal sealed record TableLayout(IReadOnlyList<(int Index, int Width)> Columns, IReadOnlyList<string> LeftOut)
{
    /// <summary>Columns between two columns.</summary>
    public const int Gap = 2;

    /// <summary>Lays a table out.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The cells of each row.</param>
    /// <param name="width">Width of the terminal; null does not limit it.</param>
    public static TableLayout Create(IReadOnlyList<TableColumn> columns, IReadOnlyList<TableCell[]> rows, int? width)
    {
        var whole = columns.Select((c, i) => c.Whole(rows.Select(r => r[i].Text))).ToArray();
        List<int> shown = [.. Enumerable.Range(0, columns.Count)];
        if (width is not { } limit)
        {
            return new TableLayout([.. shown.Select(i => (i, whole[i]))], []);
        }

        var least = columns.Select((c, i) => c.Least(rows.Select(r => r[i].Text))).ToArray();
        var leftOut = new List<int>();
        var comfortable = columns.Select((c, i) => c.Comfortable(rows.Select(r => r[i].Text))).ToArray();
        while (Sum(shown, comfortable) > limit && shown.Exists(i => columns[i].Rank > 0))
        {
            // Of equal ranks the last column goes first.
            var victim = shown.OrderByDescending(i => columns[i].Rank).ThenByDescending(i => i).First();
            shown.Remove(victim);
            leftOut.Add(victim);
        }

        string[] headers = [.. leftOut.Order().Select(i => columns[i].Header)];
        return Sum(shown, least) > limit
            ? new TableLayout([], headers)
            : new TableLayout([.. shown.Zip(Share(shown, least, whole, limit))], headers);
    }

    // The columns that need least get what they need; the others share the rest.
    private static int[] Share(List<int> shown, int[] least, int[] whole, int limit)
    {
        var widths = shown.Select(i => least[i]).ToArray();
        var left = limit - Sum(shown, least);
        for (var open = shown.Count; left > 0 && open > 0;)
        {
            int[] narrow = [.. Enumerable.Range(0, shown.Count).Where(k => widths[k] < whole[shown[k]])];
            open = narrow.Length;
            foreach (var k in narrow)
            {
                var more = Math.Min(whole[shown[k]] - widths[k], Math.Max(1, left / open));
                more = Math.Min(more, left);
                (widths[k], left) = (widths[k] + more, left - more);
            }
        }

        return widths;
    }

    private static int Sum(List<int> shown, int[] widths) => shown.Sum(i => widths[i]) + (Gap * Math.Max(0, shown.Count - 1));
}

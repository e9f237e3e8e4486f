using SketchFlow.Scoring.Projection;

namespace SketchFlow.Tests.Scoring.Projection;

/// <summary>The share of the neighbours on a map that are neighbours in truth (Venna and Kaski, ICANN 2001): 1 where all are.</summary>
internal static class Trustworthiness
{
    /// <summary>Measures a map.</summary>
    public static double Measure(IReadOnlyList<float[]> rows, IReadOnlyList<MapPoint> map, int neighbours)
    {
        var count = rows.Count;
        var penalty = 0.0;
        var high = NearestNeighbours.Find(rows, count - 1, 1).Indices;
        var low = NearestNeighbours.Find([.. map.Select(p => (float[])[(float)p.X, (float)p.Y])], neighbours, 1).Indices;
        for (var i = 0; i < count; i++)
        {
            var ranks = high[i].Select((other, rank) => (other, rank: rank + 1)).ToDictionary(r => r.other, r => r.rank);
            penalty += low[i].Sum(other => Math.Max(0, ranks[other] - neighbours));
        }

        return 1 - (2 * penalty / (count * (double)neighbours * ((2 * count) - (3 * neighbours) - 1)));
    }
}

using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Projection;

namespace SketchFlow.Tests.Scoring.Projection;

/// <summary>Maps by t-SNE: reproducible, with clusters apart and neighbours kept better than by principal components.</summary>
public sealed class TsneTests
{
    [Fact(Timeout = 60_000)]
    public async Task The_same_seed_gives_the_same_map_for_any_number_of_threads()
    {
        await Task.Yield();
        var rows = PrincipalComponents.Project(Clusters(4, 50, 20), 10, 1);
        var options = new TsneOptions { Iterations = 150, Seed = 3, Workers = 1 };
        var map = Tsne.Run(rows, options, TestContext.Current.CancellationToken);
        Assert.Equal(map, Tsne.Run(rows, options with { Workers = 4 }, TestContext.Current.CancellationToken));
        Assert.NotEqual(map, Tsne.Run(rows, options with { Seed = 4 }, TestContext.Current.CancellationToken));
        Assert.Equal(
            rows.SelectMany(r => r), PrincipalComponents.Project(Clusters(4, 50, 20), 10, 3).SelectMany(r => r));
    }

    [Fact(Timeout = 60_000)]
    public async Task Separated_clusters_stay_separated()
    {
        await Task.Yield();
        const int Size = 60;
        var map = Map(Clusters(5, Size, 20));
        var own = Enumerable.Range(0, map.Length).Count(i => Nearest(map, i) / Size == i / Size);
        Assert.Equal(map.Length, own);
        // The mean distance within a cluster is far below the distance of the nearest two centres.
        MapPoint[] centres = [.. map.Chunk(Size).Select(c => new MapPoint(c.Average(p => p.X), c.Average(p => p.Y)))];
        var within = map.Select((p, i) => Distance(p, centres[i / Size])).Average();
        var between = centres.SelectMany((a, i) => centres.Skip(i + 1).Select(b => Distance(a, b))).Min();
        Assert.True(between > 3 * within, $"within {within}, between {between}");
    }

    [Fact(Timeout = 60_000)]
    public async Task Neighbours_are_kept_better_than_by_two_principal_components()
    {
        await Task.Yield();
        // Two components cannot keep 30 clusters apart.
        var rows = Clusters(30, 15, 30, 2);
        var flat = PrincipalComponents.Project(rows, 2, 2);
        var byComponents = Trustworthiness.Measure(rows, [.. flat.Select(f => new MapPoint(f[0], f[1]))], 10);
        var byMap = Trustworthiness.Measure(rows, Map(rows), 10);
        TestContext.Current.SendDiagnosticMessage("trustworthiness: map {0:0.000}, principal components {1:0.000}", byMap, byComponents);
        Assert.InRange(byComponents, 0.6, 0.9);
        Assert.True(byMap > byComponents + 0.08, $"map {byMap}, principal components {byComponents}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(40)]
    public async Task Few_and_equal_vectors_have_finite_places(int count)
    {
        await Task.Yield();
        var equal = Enumerable.Range(0, count).Select(_ => new float[8]).ToArray();
        foreach (var rows in (float[][][])[equal, Clusters(1, count, 8)])
        {
            var map = Map(rows);
            Assert.Equal(count, map.Length);
            Assert.All(map, p => Assert.True(Math.Abs(p.X) <= 1 && Math.Abs(p.Y) <= 1, $"{p}"));
        }
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Empty(Tsne.Run([], new TsneOptions(), TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tsne.Run([], new TsneOptions { Theta = 0.8 }, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tsne.Run([], new TsneOptions { Perplexity = 0 }, TestContext.Current.CancellationToken));
    }

    private static MapPoint[] Map(float[][] rows) =>
        Tsne.Run(PrincipalComponents.Project(rows, 50, 2), new TsneOptions { Workers = 2 }, TestContext.Current.CancellationToken);

    // Normal distributions around random corners.
    private static float[][] Clusters(int clusters, int size, int dimensions, double apart = 4) =>
    [
        .. Enumerable.Range(0, clusters * size).Select(i =>
        {
            var (corner, noise) = (KeyedRandom.For(1, 0, i / size, "corner"), KeyedRandom.For(1, 0, i, "noise"));
            return Enumerable.Range(0, dimensions).Select(_ => (float)((apart * corner.NextNormal()) + noise.NextNormal())).ToArray();
        }),
    ];

    private static int Nearest(MapPoint[] map, int own) =>
        Enumerable.Range(0, map.Length).Where(i => i != own).MinBy(i => Distance(map[i], map[own]));

    private static double Distance(MapPoint a, MapPoint b) => Math.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));
}

using SketchFlow.Data.Machine;
using SketchFlow.Pipeline.Exploring;

namespace SketchFlow.Tests.Pipeline.Exploring;

/// <summary>The images of a data set as points of a plane.</summary>
public sealed class ImageMapTests
{
    [Fact(Timeout = 60_000)]
    public async Task The_neighbours_of_an_image_are_the_nearest_vectors()
    {
        await Task.Yield();
        var map = ImageMap.Create(40, i => [i, 0, 0], 2, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 40), map.Images);
        Assert.Equal([1, 2, 3, 4, 5], map.Neighbours[0]);
        Assert.Equal([18, 19, 21, 22], map.Neighbours[20].Take(4).Order());
        Assert.Equal(40, map.Points.Distinct().Count());
    }

    [Fact(Timeout = 60_000)]
    public async Task The_map_does_not_depend_on_the_number_of_threads()
    {
        await Task.Yield();
        var one = ImageMap.Create(60, Vector, 1, TestContext.Current.CancellationToken);
        var many = ImageMap.Create(60, Vector, 4, TestContext.Current.CancellationToken);
        Assert.Equal(one.Points, many.Points);
        Assert.Equal(one.Neighbours.SelectMany(n => n), many.Neighbours.SelectMany(n => n));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_map_of_few_images_has_fewer_neighbours(int count)
    {
        await Task.Yield();
        var map = ImageMap.Create(count, Vector, 1, TestContext.Current.CancellationToken);
        Assert.Equal(count, map.Points.Length);
        Assert.All(map.Neighbours, n => Assert.Equal(Math.Min(5, count - 1), n.Length));
    }

    private static float[] Vector(int image)
    {
        var random = KeyedRandom.For(5, 0, image, "vector");
        return [.. Enumerable.Range(0, 12).Select(_ => (float)random.NextNormal())];
    }
}

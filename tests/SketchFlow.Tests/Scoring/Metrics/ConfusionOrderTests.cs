using FsCheck.Xunit;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Tests.Scoring.Metrics;

/// <summary>Orders of classes by similarity: blocks come back, and an order has every class once.</summary>
public sealed class ConfusionOrderTests
{
    [Property(MaxTest = 100)]
    public void Blocks_come_back_from_every_permutation(int seed)
    {
        var random = new Random(seed);
        int[] sizes = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(1, 8))];
        int[] block = [.. sizes.SelectMany((size, b) => Enumerable.Repeat(b, size))];
        random.Shuffle(block);
        var order = ConfusionOrder.BySimilarity(Matrix(block.Length, (t, p) => block[t] == block[p] ? random.Next(1, 50) : 0));
        Assert.Equal(Enumerable.Range(0, block.Length), order.Order());
        // Every block is one run of neighbours.
        Assert.Equal(sizes.Length, 1 + order.Zip(order.Skip(1)).Count(pair => block[pair.First] != block[pair.Second]));
    }

    [Property(MaxTest = 100)]
    public void Every_class_occurs_once_and_the_same_matrix_gives_the_same_order(int seed)
    {
        var random = new Random(seed);
        var matrix = Matrix(random.Next(0, 30), (_, _) => random.Next(0, 4) == 0 ? random.Next(20) : 0);
        var order = ConfusionOrder.BySimilarity(matrix);
        Assert.Equal(Enumerable.Range(0, matrix.GetLength(0)), order.Order());
        Assert.Equal(order, ConfusionOrder.BySimilarity(matrix));
    }

    [Fact]
    public void A_chain_of_confusions_is_laid_out_as_a_chain()
    {
        // 3 - 0 - 4 - 1 - 2: the pairs 3 0 and 1 2 are the closest, and 4 is joined where it is most similar.
        var matrix = Matrix(5, (t, p) => (Math.Min(t, p), Math.Max(t, p)) switch
        {
            (0, 3) or (1, 2) => 30,
            (0, 4) => 20,
            (1, 4) => 10,
            _ => t == p ? 100 : 0,
        });
        var order = ConfusionOrder.BySimilarity(matrix);
        int[] chain = [3, 0, 4, 1, 2];
        Assert.True(order.SequenceEqual(chain) || order.SequenceEqual(chain.Reverse()), string.Join(' ', order));
    }

    [Fact]
    public void A_matrix_that_is_not_square_is_refused() =>
        Assert.Throws<ArgumentException>(() => ConfusionOrder.BySimilarity(new int[2, 3]));

    private static int[,] Matrix(int classes, Func<int, int, int> count)
    {
        var matrix = new int[classes, classes];
        for (var t = 0; t < classes; t++)
        {
            for (var p = 0; p < classes; p++)
            {
                matrix[t, p] = count(t, p);
            }
        }

        return matrix;
    }
}

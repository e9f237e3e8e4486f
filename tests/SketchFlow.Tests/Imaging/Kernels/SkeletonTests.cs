using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Parallel thinning keeps the topology.</summary>
public sealed class SkeletonTests
{
    [Property(MaxTest = 150)]
    public Property Thinning_keeps_all_components_and_holes() => Prop.ForAll(TestImages.Shapes(), Gen.Choose(1, 20).ToArbitrary(), (shape, layers) =>
    {
        var peeled = shape.Bytes.ToArray();
        Skeleton.Peel(peeled, shape.Width, shape.Height, layers);
        return peeled.Zip(shape.Bytes).All(p => p.First <= p.Second)
            && Count(peeled, 1, diagonal: true) == Count(shape.Bytes, 1, diagonal: true)
            && Count(peeled, 0, diagonal: false) == Count(shape.Bytes, 0, diagonal: false);

        int Count(byte[] bytes, byte level, bool diagonal) => CountComponents(bytes, shape.Width, shape.Height, level, diagonal);
    });

    [Fact]
    public void A_bar_is_thinned_to_a_line_of_one_pixel()
    {
        var shape = new byte[40 * 20];
        for (var y = 5; y < 14; y++)
        {
            shape.AsSpan((y * 40) + 5, 30).Fill(1);
        }

        Skeleton.Peel(shape, 40, 20, 99);
        for (var x = 12; x < 28; x++)
        {
            Assert.Equal(1, Enumerable.Range(0, 20).Sum(y => shape[(y * 40) + x]));
        }
    }

    // Flood fill; outside of the image is paper.
    private static int CountComponents(byte[] shape, int width, int height, byte level, bool diagonal)
    {
        var (w, h) = (width + 2, height + 2);
        var seen = new bool[w * h];
        byte At(int x, int y) => x is 0 || y is 0 || x == w - 1 || y == h - 1 ? (byte)0 : shape[((y - 1) * width) + x - 1];
        var count = 0;
        for (var start = 0; start < w * h; start++)
        {
            if (seen[start] || At(start % w, start / w) != level)
            {
                continue;
            }

            count++;
            var queue = new Queue<int>([start]);
            seen[start] = true;
            while (queue.TryDequeue(out var at))
            {
                for (var dy = -1; dy <= 1; dy++)
                {
                    for (var dx = -1; dx <= 1; dx++)
                    {
                        var (x, y) = ((at % w) + dx, (at / w) + dy);
                        if ((diagonal || dx == 0 || dy == 0) && x >= 0 && y >= 0 && x < w && y < h && !seen[(y * w) + x] && At(x, y) == level)
                        {
                            seen[(y * w) + x] = true;
                            queue.Enqueue((y * w) + x);
                        }
                    }
                }
            }
        }

        return count;
    }
}

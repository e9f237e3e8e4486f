using SketchFlow.Data.Machine;
using SketchFlow.Scoring.Projection;

namespace SketchFlow.Tests.Scoring.Projection;

/// <summary>Repulsion by cells, compared with the sum over all points.</summary>
public sealed class QuadTreeTests
{
    [Theory]
    [InlineData(0, 1e-12)]
    [InlineData(0.5, 0.02)]
    public void The_repulsion_is_that_of_all_other_points(double theta, double tolerance)
    {
        var random = KeyedRandom.For(1, 0, 0, "points");
        var (x, y) = (new double[300], new double[300]);
        for (var i = 0; i < x.Length; i++)
        {
            // Some points have the same place.
            (x[i], y[i]) = i % 10 == 9 ? (x[i - 1], y[i - 1]) : (5 * random.NextNormal(), 5 * random.NextNormal());
        }

        var tree = QuadTree.Build(x, y);
        for (var i = 0; i < x.Length; i++)
        {
            var (forceX, forceY, kernels) = (0.0, 0.0, 0.0);
            for (var j = 0; j < x.Length; j++)
            {
                var (dx, dy) = (x[i] - x[j], y[i] - y[j]);
                var kernel = 1 / (1 + (dx * dx) + (dy * dy));
                kernels += j == i ? 0 : kernel;
                forceX += kernel * kernel * dx;
                forceY += kernel * kernel * dy;
            }

            var found = tree.Repulsion(x[i], y[i], theta);
            Assert.InRange(Math.Abs(found.Kernels - kernels), 0, tolerance * kernels);
            Assert.InRange(Math.Abs(found.X - forceX) + Math.Abs(found.Y - forceY), 0, 10 * tolerance * (1 + Math.Abs(forceX) + Math.Abs(forceY)));
        }
    }
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace SketchFlow.Scoring.Numerics;

/// <summary>Minimises a smooth convex function by L-BFGS (Liu, Nocedal 1989; Nocedal and Wright, "Numerical Optimization", algorithms 7.4 and 3.1).</summary>
internal static class Lbfgs
{
    private const int Memory = 8;

    /// <summary>Minimises the function from a starting point, in place.</summary>
    /// <param name="point">Starting point; on return the lowest point found.</param>
    /// <param name="function">Computes value and gradient at a point.</param>
    /// <param name="steps">Largest number of steps.</param>
    /// <param name="tolerance">Largest absolute gradient component at which the iteration ends.</param>
    /// <returns>Value at the returned point.</returns>
    public static double Minimise(double[] point, Func<double[], double[], double> function, int steps, double tolerance = 1e-6)
    {
        var gradient = new double[point.Length];
        var value = function(point, gradient);
        var (moves, turns) = (new List<double[]>(), new List<double[]>());
        var (next, nextGradient) = (new double[point.Length], new double[point.Length]);
        for (var step = 0; step < steps && Largest(gradient) > tolerance; step++)
        {
            var direction = Direction(gradient, moves, turns);
            var slope = Dot(direction, gradient);
            if (!(slope < 0))
            {
                // The stored curvature no longer gives a descent direction: restart with steepest descent.
                moves.Clear();
                turns.Clear();
                direction = [.. gradient.Select(g => -g)];
                slope = -Dot(gradient, gradient);
            }

            // Without curvature information the first step is bounded.
            var length = moves.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(-slope)) : 1.0;
            var lower = double.NaN;
            for (var trial = 0; trial < 40; trial++, length /= 2)
            {
                point.CopyTo(next, 0);
                AddScaled(next, direction, length);
                lower = function(next, nextGradient);
                if (lower <= value + (1e-4 * length * slope))
                {
                    break;
                }

                lower = double.NaN;
            }

            if (double.IsNaN(lower))
            {
                return value;
            }

            var move = new double[point.Length];
            var turn = new double[point.Length];
            for (var i = 0; i < move.Length; i++)
            {
                move[i] = next[i] - point[i];
                turn[i] = nextGradient[i] - gradient[i];
            }

            if (Dot(move, turn) > 1e-14 * Dot(turn, turn))
            {
                moves.Add(move);
                turns.Add(turn);
                if (moves.Count > Memory)
                {
                    moves.RemoveAt(0);
                    turns.RemoveAt(0);
                }
            }

            var fallen = value - lower;
            next.CopyTo(point, 0);
            (gradient, nextGradient, value) = (nextGradient, gradient, lower);
            if (fallen <= 1e-12 * Math.Max(1, Math.Abs(value)))
            {
                return value;
            }
        }

        return value;
    }

    private static double[] Direction(double[] gradient, List<double[]> moves, List<double[]> turns)
    {
        double[] direction = [.. gradient];
        var shares = new double[moves.Count];
        for (var i = moves.Count - 1; i >= 0; i--)
        {
            shares[i] = Dot(moves[i], direction) / Dot(moves[i], turns[i]);
            AddScaled(direction, turns[i], -shares[i]);
        }

        var scale = moves.Count == 0 ? 1 : Dot(moves[^1], turns[^1]) / Dot(turns[^1], turns[^1]);
        for (var i = 0; i < direction.Length; i++)
        {
            direction[i] *= scale;
        }

        for (var i = 0; i < moves.Count; i++)
        {
            var share = Dot(turns[i], direction) / Dot(moves[i], turns[i]);
            AddScaled(direction, moves[i], shares[i] - share);
        }

        for (var i = 0; i < direction.Length; i++)
        {
            direction[i] = -direction[i];
        }

        return direction;
    }

    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var x = MemoryMarshal.Cast<double, Vector<double>>(a);
        var y = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < x.Length; i++)
        {
            sums += x[i] * y[i];
        }

        var sum = Vector.Sum(sums);
        for (var i = x.Length * Vector<double>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    internal static void AddScaled(Span<double> sums, ReadOnlySpan<double> values, double factor)
    {
        var x = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var y = MemoryMarshal.Cast<double, Vector<double>>(values);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] += y[i] * factor;
        }

        for (var i = x.Length * Vector<double>.Count; i < sums.Length; i++)
        {
            sums[i] += values[i] * factor;
        }
    }

    private static double Largest(double[] values)
    {
        var largest = 0.0;
        foreach (var x in values)
        {
            largest = Math.Max(largest, Math.Abs(x));
        }

        return largest;
    }
}

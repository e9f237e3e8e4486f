using System.Numerics;
using System.Runtime.Intrinsics;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

public static partial class Search
{
    /// <summary>Log-loss of every subset: threads share the subsets, each walks all rows in order, so that the sums are the same on any number.</summary>
    private static double[] LogLosses(LogitsSet set, int[] targets, int threads)
    {
        var models = set.Members.Length;
        var lowModels = Math.Min(models, Math.Max(3, models / 2));
        var (lows, highs) = (1 << lowModels, 1 << (models - lowModels));
        var shares = TargetProbabilities(set, targets, threads);
        // Padded to whole vectors for one or two models.
        var width = Math.Max(8, lows);
        var scores = new double[1 << models];
        Parallel.For(0, highs, new ParallelOptions { MaxDegreeOfParallelism = threads }, high =>
        {
            var sums = new double[width];
            var floors = new double[width];
            var low = new double[width];
            for (var l = 0; l < width; l++)
            {
                floors[l] = 0.5 * Math.Max(1, BitOperations.PopCount((uint)high) + BitOperations.PopCount((uint)l));
            }

            for (var row = 0; row < set.Rows; row++)
            {
                var own = shares.AsSpan(row * models, models);
                var start = 0.0;
                for (var m = lowModels; m < models; m++)
                {
                    start += (high >> (m - lowModels) & 1) != 0 ? own[m] : 0;
                }

                low[0] = start;
                for (var m = 0; m < lowModels; m++)
                {
                    for (var l = 0; l < 1 << m; l++)
                    {
                        low[(1 << m) + l] = low[l] + own[m];
                    }
                }

                for (var l = 0; l < width; l += 8)
                {
                    var p = Vector512.Max(Vector512.Create<double>(low.AsSpan(l)), Vector512.Create<double>(floors.AsSpan(l)));
                    (Vector512.Create<double>(sums.AsSpan(l)) + Vector512.Log(p)).CopyTo(sums.AsSpan(l));
                }
            }

            for (var l = 0; l < lows; l++)
            {
                var subset = (high << lowModels) + l;
                scores[subset] = (sums[l] / set.Rows) - Math.Log((double)Softmax.One * Math.Max(1, BitOperations.PopCount((uint)subset)));
            }
        });
        return scores;
    }

    /// <summary>The target's probability by row and model, in multiples of 2^-48: whole float64 numbers, whose sums are exact.</summary>
    private static double[] TargetProbabilities(LogitsSet set, int[] targets, int threads)
    {
        var models = set.Members.Length;
        var shares = new double[set.Rows * models];
        RunOnThreads(threads, set.Rows, rowsPerBlock: 16, () => new long[set.Classes], (room, row) =>
        {
            for (var m = 0; m < models; m++)
            {
                Softmax.FixedPoint(set.Members[m].Row(row), room);
                shares[(row * models) + m] = room[targets[row]];
            }
        });
        return shares;
    }

    /// <summary>Macro F1 of every subset, a block of subsets at a time so that the counts of every class fit in memory.</summary>
    private static double[] MacroF1s(LogitsSet set, int[] targets, int threads)
    {
        var (models, classes) = (set.Members.Length, set.Classes);
        // 32 MB of counts a thread: right, and predicted, by subset and class.
        var lowModels = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, (1 << 22) / classes)), 0, models);
        var lows = 1 << lowModels;
        var support = new int[classes];
        foreach (var target in targets)
        {
            support[target]++;
        }

        var scores = new double[1 << models];
        for (var high = 0; high < 1 << (models - lowModels); high++)
        {
            var first = high << lowModels;
            var counts = RunOnThreads(threads, set.Rows, rowsPerBlock: 16, () => new PredictionCounter(set, targets, first, lowModels), (counter, row) => counter.Count(row));
            Parallel.For(0, lows, new ParallelOptions { MaxDegreeOfParallelism = threads }, l =>
            {
                var right = new int[classes];
                var either = (int[])support.Clone();
                foreach (var counter in counts)
                {
                    for (var c = 0; c < classes; c++)
                    {
                        right[c] += counter.Right[(l * classes) + c];
                        either[c] += counter.Predicted[(l * classes) + c];
                    }
                }

                scores[first + l] = ClassificationMetrics.MacroF1(right, either);
            });
        }

        return scores;
    }

    /// <summary>Counts predictions by subset and class, walking the subsets in Gray-code order: one model comes or goes at each step.</summary>
    private sealed class PredictionCounter(LogitsSet set, int[] targets, int firstSubset, int lowModels)
    {
        private readonly int _models = set.Members.Length;
        private readonly int _classes = set.Classes;
        private readonly long[] _probabilities = new long[set.Members.Length * set.Classes];
        private readonly long[] _sums = new long[set.Classes];

        public int[] Right { get; } = new int[set.Classes << lowModels];

        public int[] Predicted { get; } = new int[set.Classes << lowModels];

        public void Count(int row)
        {
            Array.Clear(_sums);
            for (var m = 0; m < _models; m++)
            {
                var p = _probabilities.AsSpan(m * _classes, _classes);
                Softmax.FixedPoint(set.Members[m].Row(row), p);
                if ((firstSubset >> m & 1) != 0)
                {
                    Change(p, 1);
                }
            }

            var subset = 0;
            Note(subset, row);
            for (var step = 1; step < 1 << lowModels; step++)
            {
                var model = BitOperations.TrailingZeroCount(step);
                subset ^= 1 << model;
                Change(_probabilities.AsSpan(model * _classes, _classes), (subset >> model & 1) != 0 ? 1 : -1);
                Note(subset, row);
            }
        }

        private void Change(ReadOnlySpan<long> p, long sign)
        {
            var c = 0;
            for (; c <= p.Length - Vector<long>.Count; c += Vector<long>.Count)
            {
                var (sum, change) = (new Vector<long>(_sums, c), new Vector<long>(p[c..]));
                (sign > 0 ? sum + change : sum - change).CopyTo(_sums, c);
            }

            for (; c < p.Length; c++)
            {
                _sums[c] += sign * p[c];
            }
        }

        private void Note(int subset, int row)
        {
            var prediction = IndexOfLargest(_sums);
            Predicted[(subset * _classes) + prediction]++;
            Right[(subset * _classes) + prediction] += prediction == targets[row] ? 1 : 0;
        }
    }

    /// <summary>Position of the largest number, the lowest of equals: the maximum first, then where it stands.</summary>
    internal static int IndexOfLargest(ReadOnlySpan<long> values)
    {
        var most = new Vector<long>(long.MinValue);
        var c = 0;
        for (; c <= values.Length - Vector<long>.Count; c += Vector<long>.Count)
        {
            most = Vector.Max(most, new Vector<long>(values[c..]));
        }

        var largest = long.MinValue;
        for (var lane = 0; lane < Vector<long>.Count; lane++)
        {
            largest = Math.Max(largest, most[lane]);
        }

        for (; c < values.Length; c++)
        {
            largest = Math.Max(largest, values[c]);
        }

        return values.IndexOf(largest);
    }
}

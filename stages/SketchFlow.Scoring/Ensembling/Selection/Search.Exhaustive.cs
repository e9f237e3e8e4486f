using System.Numerics;
using System.Runtime.Intrinsics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Searches ensembles on rows with known targets.</summary>
public static partial class Search
{
    /// <summary>Largest number of models of an exhaustive search: a million subsets.</summary>
    public const int MostModels = 20;

    /// <summary>Scores the soft vote of every subset, exactly like <see cref="Combine.SoftVote"/>.</summary>
    /// <remarks>
    /// Accuracy needs no argmax: a row is correct if no other class exceeds its target. Per row, the target's lead over each competing class is an
    /// integer (in multiples of 2^-48, so that the order of addition does not matter); a class that leads in no single model leads in no subset
    /// and is dropped, which leaves few competitors for good models. The sums of a subset are one addition of two tables, for its low and its high
    /// models, which stay in the first-level cache; sixteen competitors are tested together, the strongest first.
    /// </remarks>
    /// <param name="set">1 to 20 models, with targets in every row.</param>
    /// <param name="objective">Objective; macro F1 visits every class of every subset and is the slowest.</param>
    /// <param name="workers">Number of threads; 0 means one per core. The result does not depend on it.</param>
    /// <exception cref="RefusalException">There are more than 20 models, or a row has no target.</exception>
    public static SubsetScores Exhaustive(LogitsSet set, Objective objective = Objective.Accuracy, int workers = 0)
    {
        ArgumentNullException.ThrowIfNull(set);
        var models = set.Members.Length;
        if (models > MostModels)
        {
            throw new RefusalException(
                $"{models} models have {Math.Pow(2, models):0} subsets, expected at most {MostModels} models in an exhaustive search; "
                + "search greedily or leave models out.");
        }

        var targets = set.RequireTargets();
        var threads = workers > 0 ? workers : Environment.ProcessorCount;
        var scores = objective switch
        {
            Objective.Accuracy => Accuracies(set, targets, threads),
            Objective.LogLoss => LogLosses(set, targets, threads),
            _ => MacroF1s(set, targets, threads),
        };
        scores[0] = double.NaN;
        return new SubsetScores(models, scores);
    }

    private static double[] Accuracies(LogitsSet set, int[] targets, int threads)
    {
        var counters = RunOnThreads(threads, set.Rows, rowsPerBlock: 16, () => new CorrectCounter(set, targets), (counter, row) => counter.Count(row));
        var scores = new double[1 << set.Members.Length];
        var always = counters.Sum(c => c.AlwaysRight);
        for (var s = 1; s < scores.Length; s++)
        {
            var right = always;
            foreach (var counter in counters)
            {
                right += counter.Right[s];
            }

            scores[s] = (double)right / set.Rows;
        }

        return scores;
    }

    /// <summary>Distributes blocks of items over threads, each with its own state; the assignment is not deterministic.</summary>
    private static List<T> RunOnThreads<T>(int threads, int items, int rowsPerBlock, Func<T> begin, Action<T, int> body)
    {
        var states = new List<T>();
        var next = 0;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            var state = begin();
            int first;
            while ((first = Interlocked.Add(ref next, rowsPerBlock) - rowsPerBlock) < items)
            {
                for (var i = first; i < Math.Min(items, first + rowsPerBlock); i++)
                {
                    body(state, i);
                }
            }

            lock (states)
            {
                states.Add(state);
            }
        });
        return states;
    }

    /// <summary>
    /// Computes the log-loss of every subset: threads share the subsets and each visits all rows in order, so that sums do not depend on their number.
    /// </summary>
    private static double[] LogLosses(LogitsSet set, int[] targets, int threads)
    {
        var models = set.Members.Length;
        var lowModels = Math.Min(models, Math.Max(3, models / 2));
        var (lows, highs) = (1 << lowModels, 1 << (models - lowModels));
        var shares = TargetProbabilities(set, targets, threads);
        // At least one whole vector, also for one or two models.
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

    /// <summary>Computes the target's probability by row and model in multiples of 2^-48: integers in float64, whose sums are exact.</summary>
    private static double[] TargetProbabilities(LogitsSet set, int[] targets, int threads)
    {
        var models = set.Members.Length;
        var shares = new double[set.Rows * models];
        RunOnThreads(threads, set.Rows, rowsPerBlock: 16, () => new long[set.Classes], (probabilities, row) =>
        {
            for (var m = 0; m < models; m++)
            {
                Softmax.FixedPoint(set.Members[m].Row(row), probabilities);
                shares[(row * models) + m] = probabilities[targets[row]];
            }
        });
        return shares;
    }

    /// <summary>Computes the macro F1 of every subset, in blocks of subsets so that the counts of every class fit in memory.</summary>
    private static double[] MacroF1s(LogitsSet set, int[] targets, int threads)
    {
        var (models, classes) = (set.Members.Length, set.Classes);
        // 32 MB of counts per thread: correct and predicted rows, by subset and class.
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
            var counts = RunOnThreads(
                threads, set.Rows, rowsPerBlock: 16, () => new PredictionCounter(set, targets, first, lowModels), (counter, row) => counter.Count(row));
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
}

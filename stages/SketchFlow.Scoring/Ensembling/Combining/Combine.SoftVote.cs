using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

/// <summary>Combines the logits of several models into one prediction per row.</summary>
public static partial class Combine
{
    /// <summary>Soft vote: computes the mean of the members' probabilities, optionally weighted.</summary>
    /// <remarks>
    /// With equal weights the sums are exact (<see cref="Softmax.One"/>), as in the exhaustive search: adding a copy of the only member changes nothing,
    /// and ties between classes do not depend on the order of members.
    /// </remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One per member, none negative, not all 0; null means equal weights. Only ratios count.</param>
    /// <param name="temperatures">Divisor of each member's logits; null means 1 for all.</param>
    /// <exception cref="RefusalException">The number of weights or temperatures is not that of members, or one is out of range.</exception>
    public static EnsemblePrediction SoftVote(LogitsSet set, IReadOnlyList<double>? weights = null, IReadOnlyList<double>? temperatures = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        var shares = Shares(set, weights);
        CheckTemperatures(set, temperatures);
        var (rows, classes, members) = (set.Rows, set.Classes, set.Members.Length);
        var equal = shares.AsSpan().IndexOfAnyExcept(shares[0]) < 0;
        var probabilities = new double[checked(rows * classes)];
        var predictions = new int[rows];
        ForEachRow(rows, classes, (row, scratch) =>
        {
            var result = probabilities.AsSpan(row * classes, classes);
            if (equal)
            {
                var sums = scratch.FixedSums;
                sums.Clear();
                for (var m = 0; m < members; m++)
                {
                    Softmax.FixedPoint(set.Members[m].Row(row), scratch.FixedMember, temperatures?[m] ?? 1);
                    Add(sums, scratch.FixedMember);
                }

                predictions[row] = Softmax.ArgMax<long>(sums);
                var scale = 1.0 / ((double)Softmax.One * members);
                for (var c = 0; c < classes; c++)
                {
                    result[c] = sums[c] * scale;
                }
            }
            else
            {
                for (var m = 0; m < members; m++)
                {
                    Softmax.Probabilities(set.Members[m].Row(row), scratch.Member, temperatures?[m] ?? 1);
                    AddScaled(result, scratch.Member, shares[m]);
                }

                predictions[row] = Softmax.ArgMax<double>(result);
            }
        });
        return new EnsemblePrediction(classes, probabilities, predictions);
    }

    /// <summary>Buffers of one thread for one row.</summary>
    private sealed class RowScratch(int classes)
    {
        private readonly long[] _fixedSums = new long[classes];
        private readonly long[] _fixedMember = new long[classes];
        private readonly double[] _member = new double[classes];

        public Span<long> FixedSums => _fixedSums;

        public Span<long> FixedMember => _fixedMember;

        public Span<double> Member => _member;
    }

    private static void ForEachRow(int rows, int classes, Action<int, RowScratch> body) =>
        Parallel.For(0, rows, () => new RowScratch(classes), (row, _, scratch) =>
        {
            body(row, scratch);
            return scratch;
        }, _ => { });

    private static double[] Shares(LogitsSet set, IReadOnlyList<double>? weights)
    {
        var members = set.Members.Length;
        if (weights is null)
        {
            return [.. Enumerable.Repeat(1.0 / members, members)];
        }

        if (weights.Count != members)
        {
            throw new RefusalException($"There are {weights.Count} weights for {members} models, expected one per model.");
        }

        var fault = weights.FirstOrDefault(w => !(w >= 0 && double.IsFinite(w)));
        var total = weights.Sum();
        return fault == 0 && total > 0 && double.IsFinite(total)
            ? [.. weights.Select(w => w / total)]
            : throw new RefusalException($"The weights are {string.Join(", ", weights)}, expected finite numbers of at least 0 that are not all 0.");
    }

    private static void CheckTemperatures(LogitsSet set, IReadOnlyList<double>? temperatures)
    {
        if (temperatures is not null && temperatures.Count != set.Members.Length)
        {
            throw new RefusalException($"There are {temperatures.Count} temperatures for {set.Members.Length} models, expected one per model.");
        }

        if (temperatures?.Any(t => !(t > 0 && double.IsFinite(t))) == true)
        {
            throw new RefusalException($"The temperatures are {string.Join(", ", temperatures)}, expected finite numbers above 0.");
        }
    }

    private static void Add(Span<long> sums, ReadOnlySpan<long> values)
    {
        for (var c = 0; c < sums.Length; c++)
        {
            sums[c] += values[c];
        }
    }

    private static void AddScaled(Span<double> sums, ReadOnlySpan<double> values, double factor)
    {
        for (var c = 0; c < sums.Length; c++)
        {
            sums[c] += values[c] * factor;
        }
    }
}

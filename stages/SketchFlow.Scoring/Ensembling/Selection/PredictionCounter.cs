using System.Numerics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Counts predictions by subset and class, visiting the subsets in Gray-code order: each step adds or removes one model.</summary>
internal sealed class PredictionCounter(LogitsSet set, int[] targets, int firstSubset, int lowModels)
{
    private readonly int _models = set.Members.Length;
    private readonly int _classes = set.Classes;
    private readonly long[] _probabilities = new long[set.Members.Length * set.Classes];
    private readonly long[] _sums = new long[set.Classes];

    /// <summary>Number of correct rows by subset and class.</summary>
    public int[] Right { get; } = new int[set.Classes << lowModels];

    /// <summary>Number of predictions by subset and class.</summary>
    public int[] Predicted { get; } = new int[set.Classes << lowModels];

    /// <summary>Counts one row for every subset.</summary>
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
        Record(subset, row);
        for (var step = 1; step < 1 << lowModels; step++)
        {
            var model = BitOperations.TrailingZeroCount(step);
            subset ^= 1 << model;
            Change(_probabilities.AsSpan(model * _classes, _classes), (subset >> model & 1) != 0 ? 1 : -1);
            Record(subset, row);
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

    private void Record(int subset, int row)
    {
        var prediction = Softmax.IndexOfLargest(_sums);
        Predicted[(subset * _classes) + prediction]++;
        Right[(subset * _classes) + prediction] += prediction == targets[row] ? 1 : 0;
    }
}

using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Probabilities of all models in multiples of 2^-48, for searches that try many sums: 8 bytes per model, row and class in the set's arena.</summary>
internal sealed class ProbabilityTable
{
    private readonly Memory<long>[] _probabilities;
    private readonly int[] _targets;
    private readonly int _classes;

    public ProbabilityTable(LogitsSet set)
    {
        _targets = set.RequireTargets();
        _classes = set.Classes;
        _probabilities = [.. set.Members.Select(_ => set.Arena.Allocate<long>(checked(set.Rows * set.Classes)))];
        Parallel.For(0, set.Members.Length, m =>
        {
            var own = _probabilities[m].Span;
            for (var row = 0; row < set.Rows; row++)
            {
                Softmax.FixedPoint(set.Members[m].Row(row), own.Slice(row * set.Classes, set.Classes));
            }
        });
    }

    public int Models => _probabilities.Length;

    /// <summary>Creates the sums of an empty ensemble: rows × classes zeros.</summary>
    public long[] EmptySums() => new long[_targets.Length * _classes];

    /// <summary>Adds a model to the sums a number of times, or subtracts it if the number is negative; exact both ways.</summary>
    public void AddTo(long[] sums, int model, int times)
    {
        var p = _probabilities[model].Span;
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += times * p[i];
        }
    }

    /// <summary>Scores the sums with one model added and one removed, without changing them.</summary>
    /// <param name="sums">Exact sums, rows × classes.</param>
    /// <param name="members">Number of members after the change, at least 1.</param>
    /// <param name="plus">Position of the added model, or -1.</param>
    /// <param name="minus">Position of the removed model, or -1.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="times">Number of times that the models are added and removed.</param>
    public double Score(long[] sums, int members, int plus, int minus, Objective objective, int times = 1)
    {
        var none = ReadOnlySpan<long>.Empty;
        var plusRows = plus < 0 ? none : _probabilities[plus].Span;
        var minusRows = minus < 0 ? none : _probabilities[minus].Span;
        var counted = objective == Objective.MacroF1 ? _classes : 1;
        var (right, either) = (new int[counted], new int[counted]);
        var total = 0.0;
        Span<long> trial = new long[_classes];
        for (var row = 0; row < _targets.Length; row++)
        {
            var at = row * _classes;
            var target = _targets[row];
            var own = sums.AsSpan(at, _classes);
            var added = plus < 0 ? none : plusRows.Slice(at, _classes);
            var removed = minus < 0 ? none : minusRows.Slice(at, _classes);
            if (objective == Objective.LogLoss)
            {
                var p = own[target] + (plus < 0 ? 0 : times * added[target]) - (minus < 0 ? 0 : times * removed[target]);
                total += Math.Log(Math.Max(p, 0.5 * members));
                continue;
            }

            own.CopyTo(trial);
            for (var c = 0; c < added.Length; c++)
            {
                trial[c] += times * added[c];
            }

            for (var c = 0; c < removed.Length; c++)
            {
                trial[c] -= times * removed[c];
            }

            var prediction = Softmax.IndexOfLargest(trial);
            total += prediction == target ? 1 : 0;
            if (objective == Objective.MacroF1)
            {
                either[target]++;
                either[prediction]++;
                right[target] += prediction == target ? 1 : 0;
            }
        }

        return objective switch
        {
            Objective.Accuracy => total / _targets.Length,
            Objective.LogLoss => (total / _targets.Length) - Math.Log((double)Softmax.One * members),
            _ => ClassificationMetrics.MacroF1(right, either),
        };
    }
}

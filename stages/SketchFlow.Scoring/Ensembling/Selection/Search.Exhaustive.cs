using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Finds ensembles on rows whose targets are known.</summary>
public static partial class Search
{
    /// <summary>A million subsets: more models are searched step by step.</summary>
    public const int MostModels = 20;

    /// <summary>Scores the soft vote of every subset, exactly as <see cref="Combine.SoftVote"/> would.</summary>
    /// <remarks>
    /// Accuracy needs no argmax: a row is right when no rival class passes its target. Per row, the target's lead over each rival is taken in
    /// whole numbers (multiples of 2^-48, so that every order of adding gives one result); a class that leads in no single model can lead in no
    /// subset and is dropped, which leaves few rivals where models are good. Sums of a subset are one addition of two tables, of its low
    /// and of its high models, which stay in the first-level cache; sixteen rivals are looked at together, the strongest first.
    /// </remarks>
    /// <param name="set">1 to 20 models, with targets in every row.</param>
    /// <param name="objective">What is scored; macro F1 looks at every class of every subset and is the slowest.</param>
    /// <param name="workers">Threads; 0 is one a core. The result does not depend on it.</param>
    /// <exception cref="RefusalException">There are more than 20 models, or a row has no target.</exception>
    public static SubsetScores Exhaustive(LogitsSet set, Objective objective = Objective.Accuracy, int workers = 0)
    {
        ArgumentNullException.ThrowIfNull(set);
        var models = set.Members.Length;
        if (models > MostModels)
        {
            throw new RefusalException($"{models} models have {Math.Pow(2, models):0} subsets, expected at most {MostModels} models in an exhaustive search; search greedily or leave models out.");
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

    /// <summary>Hands blocks of items to threads, each with a state of its own; which thread takes which block is left to chance.</summary>
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

    /// <summary>Counts, for every subset, the rows it has right. One thread's share of the rows.</summary>
    /// <remarks>
    /// Its methods are compiled at full optimisation at once: a search is over before the runtime's tiers would have taken them there.
    /// </remarks>
    private sealed class CorrectCounter
    {
        // Two vectors of eight rivals: their sums, one OR and one sign test are what a row of a subset costs.
        private const int Lanes = 16;

        // Below this many rivals the looser test of grouped rivals does not pay.
        private const int RivalsWorthGrouping = 4 * Lanes;

        private const long NoRival = Softmax.One;

        private readonly LogitsSet _set;
        private readonly int[] _targets;
        private readonly int _models;
        private readonly int _classes;
        private readonly int _lowModels;
        private readonly long[] _probabilities;
        private readonly long[] _least;
        private readonly int[] _rivals;
        private readonly long[] _lanes;
        private readonly long[] _low;
        private readonly long[] _high;
        private readonly int[] _undecided;

        public CorrectCounter(LogitsSet set, int[] targets)
        {
            (_set, _targets, _models, _classes) = (set, targets, set.Members.Length, set.Classes);
            _lowModels = _models / 2;
            _probabilities = new long[_models * _classes];
            _least = new long[_classes];
            _rivals = new int[_classes];
            _lanes = new long[_models * Lanes];
            _low = new long[Lanes << _lowModels];
            _high = new long[Lanes << (_models - _lowModels)];
            _undecided = new int[1 << _models];
            Right = new int[1 << _models];
        }

        /// <summary>Rows right by subset, without those of <see cref="AlwaysRight"/>.</summary>
        public int[] Right { get; }

        /// <summary>Rows that every subset has right.</summary>
        public int AlwaysRight { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Count(int row)
        {
            for (var m = 0; m < _models; m++)
            {
                Softmax.FixedPoint(_set.Members[m].Row(row), _probabilities.AsSpan(m * _classes, _classes));
            }

            var target = _targets[row];
            var rivals = FindRivals(target);
            if (rivals == 0)
            {
                AlwaysRight++;
                return;
            }

            if (rivals <= Lanes)
            {
                Tabulate(target, _rivals.AsSpan(0, rivals));
                CountAll();
                return;
            }

            StrongestFirst(target, rivals);
            Tabulate(target, _rivals.AsSpan(0, Lanes));
            var undecided = KeepAll();
            if (rivals >= RivalsWorthGrouping && undecided > 0)
            {
                TabulateGroups(target, _rivals.AsSpan(Lanes, rivals - Lanes));
                undecided = Keep(undecided, countOthers: true);
            }

            for (var from = Lanes; from < rivals && undecided > 0; from += Lanes)
            {
                Tabulate(target, _rivals.AsSpan(from, Math.Min(Lanes, rivals - from)));
                undecided = Keep(undecided, countOthers: false);
            }

            foreach (var subset in _undecided.AsSpan(0, undecided))
            {
                Right[subset]++;
            }
        }

        /// <summary>Lists the classes that pass the target in some model, or tie with it where a tie is lost.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int FindRivals(int target)
        {
            _least.AsSpan().Fill(long.MaxValue);
            for (var m = 0; m < _models; m++)
            {
                var p = _probabilities.AsSpan(m * _classes, _classes);
                var own = Vector512.Create(p[target]);
                var c = 0;
                for (; c <= _classes - 8; c += 8)
                {
                    var lead = own - Vector512.Create<long>(p[c..]);
                    Vector512.Min(lead, Vector512.Create<long>(_least.AsSpan(c))).CopyTo(_least.AsSpan(c));
                }

                for (; c < _classes; c++)
                {
                    _least[c] = Math.Min(_least[c], p[target] - p[c]);
                }
            }

            var found = 0;
            for (var c = 0; c < _classes; c++)
            {
                if (c != target && _least[c] < (c < target ? 1 : 0))
                {
                    _rivals[found++] = c;
                }
            }

            return found;
        }

        /// <summary>Moves the sixteen rivals with the most probability over all models to the front: they decide most subsets.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void StrongestFirst(int target, int rivals)
        {
            Span<long> keys = stackalloc long[Lanes];
            keys.Fill(long.MaxValue);
            Span<int> places = stackalloc int[Lanes];
            for (var i = 0; i < rivals; i++)
            {
                var key = 0L;
                for (var m = 0; m < _models; m++)
                {
                    key += _probabilities[(m * _classes) + target] - _probabilities[(m * _classes) + _rivals[i]];
                }

                if (key < keys[Lanes - 1])
                {
                    var at = Lanes - 1;
                    for (; at > 0 && keys[at - 1] > key; at--)
                    {
                        (keys[at], places[at]) = (keys[at - 1], places[at - 1]);
                    }

                    (keys[at], places[at]) = (key, i);
                }
            }

            // Ascending places: what is swapped out of the front is never itself among those still to come.
            places.Sort();
            for (var i = 0; i < Lanes; i++)
            {
                (_rivals[i], _rivals[places[i]]) = (_rivals[places[i]], _rivals[i]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Tabulate(int target, ReadOnlySpan<int> rivals)
        {
            for (var m = 0; m < _models; m++)
            {
                var lanes = _lanes.AsSpan(m * Lanes, Lanes);
                var p = _probabilities.AsSpan(m * _classes, _classes);
                for (var i = 0; i < Lanes; i++)
                {
                    lanes[i] = i < rivals.Length ? p[target] - p[rivals[i]] : NoRival;
                }
            }

            for (var i = 0; i < Lanes; i++)
            {
                // A class of a lower number wins ties with the target: it has passed where the lead is 0.
                _high[i] = i < rivals.Length && rivals[i] < target ? -1 : 0;
            }

            FillTables();
        }

        /// <summary>Every lane stands for a group of rivals by the least lead over any of them: no lane passed means no rival passed.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TabulateGroups(int target, ReadOnlySpan<int> rivals)
        {
            _lanes.AsSpan().Fill(NoRival);
            for (var m = 0; m < _models; m++)
            {
                var lanes = _lanes.AsSpan(m * Lanes, Lanes);
                var p = _probabilities.AsSpan(m * _classes, _classes);
                for (var i = 0; i < rivals.Length; i++)
                {
                    ref var lane = ref lanes[i % Lanes];
                    lane = Math.Min(lane, p[target] - p[rivals[i]]);
                }
            }

            _high.AsSpan(0, Lanes).Fill(-1);
            FillTables();
        }

        private void FillTables()
        {
            _low.AsSpan(0, Lanes).Clear();
            Double(_low, 0, _lowModels);
            Double(_high, _lowModels, _models - _lowModels);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Double(long[] table, int firstModel, int models)
        {
            ref var t = ref MemoryMarshal.GetArrayDataReference(table);
            ref var d = ref MemoryMarshal.GetArrayDataReference(_lanes);
            for (var m = 0; m < models; m++)
            {
                var from = (nuint)((firstModel + m) * Lanes);
                var (d0, d1) = (Vector512.LoadUnsafe(ref d, from), Vector512.LoadUnsafe(ref d, from + 8));
                var half = (nuint)(Lanes << m);
                for (nuint i = 0; i < half; i += Lanes)
                {
                    (Vector512.LoadUnsafe(ref t, i) + d0).StoreUnsafe(ref t, half + i);
                    (Vector512.LoadUnsafe(ref t, i + 8) + d1).StoreUnsafe(ref t, half + i + 8);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void CountAll()
        {
            ref var low = ref MemoryMarshal.GetArrayDataReference(_low);
            ref var high = ref MemoryMarshal.GetArrayDataReference(_high);
            ref var right = ref MemoryMarshal.GetArrayDataReference(Right);
            var lows = 1 << _lowModels;
            var highs = 1 << (_models - _lowModels);
            for (var h = 0; h < highs; h++)
            {
                var (a0, a1) = (Vector512.LoadUnsafe(ref high, (nuint)(h * Lanes)), Vector512.LoadUnsafe(ref high, (nuint)(h * Lanes) + 8));
                for (var l = 0; l < lows; l++)
                {
                    var at = (nuint)(l * Lanes);
                    var leads = (a0 + Vector512.LoadUnsafe(ref low, at)) | (a1 + Vector512.LoadUnsafe(ref low, at + 8));
                    Unsafe.Add(ref right, (h << _lowModels) + l) += leads.ExtractMostSignificantBits() == 0 ? 1 : 0;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int KeepAll()
        {
            ref var low = ref MemoryMarshal.GetArrayDataReference(_low);
            ref var high = ref MemoryMarshal.GetArrayDataReference(_high);
            ref var undecided = ref MemoryMarshal.GetArrayDataReference(_undecided);
            var lows = 1 << _lowModels;
            var highs = 1 << (_models - _lowModels);
            var kept = 0;
            for (var h = 0; h < highs; h++)
            {
                var (a0, a1) = (Vector512.LoadUnsafe(ref high, (nuint)(h * Lanes)), Vector512.LoadUnsafe(ref high, (nuint)(h * Lanes) + 8));
                for (var l = 0; l < lows; l++)
                {
                    var at = (nuint)(l * Lanes);
                    var leads = (a0 + Vector512.LoadUnsafe(ref low, at)) | (a1 + Vector512.LoadUnsafe(ref low, at + 8));
                    Unsafe.Add(ref undecided, kept) = (h << _lowModels) + l;
                    kept += leads.ExtractMostSignificantBits() == 0 ? 1 : 0;
                }
            }

            return kept;
        }

        /// <summary>
        /// Tests the undecided subsets. With <paramref name="countOthers"/> those that pass are right and counted and the rest stay;
        /// without, those that fail are wrong and the rest stay.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int Keep(int count, bool countOthers)
        {
            ref var low = ref MemoryMarshal.GetArrayDataReference(_low);
            ref var high = ref MemoryMarshal.GetArrayDataReference(_high);
            ref var undecided = ref MemoryMarshal.GetArrayDataReference(_undecided);
            ref var right = ref MemoryMarshal.GetArrayDataReference(Right);
            var lowMask = (1 << _lowModels) - 1;
            var kept = 0;
            for (var i = 0; i < count; i++)
            {
                var subset = Unsafe.Add(ref undecided, i);
                var l = (nuint)((subset & lowMask) * Lanes);
                var h = (nuint)((subset >> _lowModels) * Lanes);
                var leads = (Vector512.LoadUnsafe(ref high, h) + Vector512.LoadUnsafe(ref low, l))
                    | (Vector512.LoadUnsafe(ref high, h + 8) + Vector512.LoadUnsafe(ref low, l + 8));
                var passed = leads.ExtractMostSignificantBits() == 0 ? 1 : 0;
                Unsafe.Add(ref undecided, kept) = subset;
                if (countOthers)
                {
                    Unsafe.Add(ref right, subset) += passed;
                    kept += 1 - passed;
                }
                else
                {
                    kept += passed;
                }
            }

            return kept;
        }
    }
}

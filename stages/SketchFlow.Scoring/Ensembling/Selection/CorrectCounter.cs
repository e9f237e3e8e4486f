using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Counts the correct rows of every subset, for one thread's share of the rows.</summary>
/// <remarks>
/// Methods are compiled with full optimisation immediately, because a search ends before the runtime would promote them to that tier.
/// </remarks>
internal sealed class CorrectCounter
{
    // Two vectors of eight competitors: a row of a subset costs two additions, one OR and one sign test.
    private const int Lanes = 16;

    // With fewer competitors the looser test of grouped competitors does not pay.
    private const int CompetitorsWorthGrouping = 4 * Lanes;

    private const long NoCompetitor = Softmax.One;

    private readonly LogitsSet _set;
    private readonly int[] _targets;
    private readonly int _models;
    private readonly int _classes;
    private readonly int _lowModels;
    private readonly long[] _probabilities;
    private readonly long[] _least;
    private readonly int[] _competitors;
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
        _competitors = new int[_classes];
        _lanes = new long[_models * Lanes];
        _low = new long[Lanes << _lowModels];
        _high = new long[Lanes << (_models - _lowModels)];
        _undecided = new int[1 << _models];
        Right = new int[1 << _models];
    }

    /// <summary>Number of correct rows per subset, without those of <see cref="AlwaysRight"/>.</summary>
    public int[] Right { get; }

    /// <summary>Number of rows that every subset has right.</summary>
    public int AlwaysRight { get; private set; }

    /// <summary>Counts one row for every subset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Count(int row)
    {
        for (var m = 0; m < _models; m++)
        {
            Softmax.FixedPoint(_set.Members[m].Row(row), _probabilities.AsSpan(m * _classes, _classes));
        }

        var target = _targets[row];
        var competitors = FindCompetitors(target);
        if (competitors == 0)
        {
            AlwaysRight++;
            return;
        }

        if (competitors <= Lanes)
        {
            Tabulate(target, _competitors.AsSpan(0, competitors));
            CountAll();
            return;
        }

        StrongestFirst(target, competitors);
        Tabulate(target, _competitors.AsSpan(0, Lanes));
        var undecided = KeepAll();
        if (competitors >= CompetitorsWorthGrouping && undecided > 0)
        {
            TabulateGroups(target, _competitors.AsSpan(Lanes, competitors - Lanes));
            undecided = Keep(undecided, countOthers: true);
        }

        for (var from = Lanes; from < competitors && undecided > 0; from += Lanes)
        {
            Tabulate(target, _competitors.AsSpan(from, Math.Min(Lanes, competitors - from)));
            undecided = Keep(undecided, countOthers: false);
        }

        foreach (var subset in _undecided.AsSpan(0, undecided))
        {
            Right[subset]++;
        }
    }

    /// <summary>Lists the classes that exceed the target in some model, or tie with it and have a lower number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindCompetitors(int target)
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
                _competitors[found++] = c;
            }
        }

        return found;
    }

    /// <summary>Moves the sixteen competitors with the largest total probability to the front: they decide most subsets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StrongestFirst(int target, int competitors)
    {
        Span<long> keys = stackalloc long[Lanes];
        keys.Fill(long.MaxValue);
        Span<int> places = stackalloc int[Lanes];
        for (var i = 0; i < competitors; i++)
        {
            var key = 0L;
            for (var m = 0; m < _models; m++)
            {
                key += _probabilities[(m * _classes) + target] - _probabilities[(m * _classes) + _competitors[i]];
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

        // In ascending order, no swap moves a competitor that is still to be moved to the front.
        places.Sort();
        for (var i = 0; i < Lanes; i++)
        {
            (_competitors[i], _competitors[places[i]]) = (_competitors[places[i]], _competitors[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Tabulate(int target, ReadOnlySpan<int> competitors)
    {
        for (var m = 0; m < _models; m++)
        {
            var lanes = _lanes.AsSpan(m * Lanes, Lanes);
            var p = _probabilities.AsSpan(m * _classes, _classes);
            for (var i = 0; i < Lanes; i++)
            {
                lanes[i] = i < competitors.Length ? p[target] - p[competitors[i]] : NoCompetitor;
            }
        }

        for (var i = 0; i < Lanes; i++)
        {
            // A class with a lower number wins ties with the target, so that a lead of 0 counts as lost.
            _high[i] = i < competitors.Length && competitors[i] < target ? -1 : 0;
        }

        FillTables();
    }

    /// <summary>Gives every lane the smallest lead over a group of competitors: if all lanes are positive, no competitor wins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TabulateGroups(int target, ReadOnlySpan<int> competitors)
    {
        _lanes.AsSpan().Fill(NoCompetitor);
        for (var m = 0; m < _models; m++)
        {
            var lanes = _lanes.AsSpan(m * Lanes, Lanes);
            var p = _probabilities.AsSpan(m * _classes, _classes);
            for (var i = 0; i < competitors.Length; i++)
            {
                ref var lane = ref lanes[i % Lanes];
                lane = Math.Min(lane, p[target] - p[competitors[i]]);
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
    /// Tests the undecided subsets. With <paramref name="countOthers"/>, those that pass are counted as correct and the others remain undecided;
    /// without, those that fail are wrong and the others remain undecided.
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

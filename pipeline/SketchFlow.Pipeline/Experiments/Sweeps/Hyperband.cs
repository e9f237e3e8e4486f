using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// Early termination as W&amp;B has it (Li et al., "Hyperband", JMLR 2018): at each bracket's epoch a trial must be among the best 1/eta of all trials
/// that came so far, itself included, or it ends there.
/// </summary>
public sealed record Hyperband
{
    /// <summary>The first bracket; the others follow at its multiples by eta. Null where the brackets are counted down from <see cref="MaxIter"/>.</summary>
    public int? MinIter { get; init; }

    /// <summary>Epochs of a whole trial; the brackets are max_iter / eta, / eta², … Null where they are counted up from <see cref="MinIter"/>.</summary>
    public int? MaxIter { get; init; }

    /// <summary>Number of brackets counted down.</summary>
    public int S { get; init; } = 1;

    /// <summary>One in eta goes on.</summary>
    public double Eta { get; init; } = 3;

    /// <summary>Also between brackets a trial must hold the last bracket's bound.</summary>
    public bool Strict { get; init; }

    /// <summary>The epochs, from 1, after which trials are compared.</summary>
    public ImmutableArray<int> Brackets
    {
        get
        {
            var brackets = new SortedSet<int>();
            if (MaxIter is { } max)
            {
                var band = (double)max;
                for (var i = 0; i < S && (band /= Eta) >= 1; i++)
                {
                    brackets.Add((int)band);
                }
            }
            else
            {
                for (var band = (double)MinIter!.Value; band <= 1_000_000; band *= Eta)
                {
                    brackets.Add((int)band);
                }
            }

            return [.. brackets];
        }
    }

    /// <summary>Whether a trial ends after its latest epoch, and why.</summary>
    /// <param name="own">Its values so far, less is better.</param>
    /// <param name="others">The values of all other trials, as far as they came.</param>
    /// <returns>A clause for people, or null to go on.</returns>
    public string? Judge(IReadOnlyList<double> own, IEnumerable<IReadOnlyList<double>> others)
    {
        var epoch = own.Count;
        var bracket = Strict ? Brackets.LastOrDefault(b => b <= epoch) : Brackets.FirstOrDefault(b => b == epoch);
        if (bracket == 0)
        {
            return null;
        }

        var value = own[epoch - 1];
        double[] there = [.. others.Append(own).Where(o => o.Count >= bracket).Select(o => Worst(o[bracket - 1])).Order()];
        var threshold = there[(int)(there.Length / Eta)];
        return Worst(value) > threshold ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"not among the best 1/{Eta:0.##} of {there.Length} trials at the bracket of epoch {bracket}") : null;

        static double Worst(double found) => double.IsNaN(found) ? double.PositiveInfinity : found;
    }
}

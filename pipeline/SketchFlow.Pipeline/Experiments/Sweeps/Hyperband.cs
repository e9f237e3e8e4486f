using System.Collections.Immutable;
using System.Globalization;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// Early termination with W&amp;B's options (Li et al., "Hyperband", JMLR 2018): at each bracket's epoch a trial must be among the best 1/eta of all
/// trials that reached that epoch, itself included, or it stops there.
/// </summary>
public sealed record Hyperband
{
    /// <summary>
    /// Epoch of the first bracket; the others are its multiples by powers of eta. Null if the brackets are derived from <see cref="MaxIter"/>.
    /// </summary>
    public int? MinIter { get; init; }

    /// <summary>
    /// Epochs of a whole trial; the brackets are max_iter / eta, max_iter / eta², … Null if the brackets are derived from <see cref="MinIter"/>.
    /// </summary>
    public int? MaxIter { get; init; }

    /// <summary>Number of brackets below <see cref="MaxIter"/>.</summary>
    public int S { get; init; } = 1;

    /// <summary>One trial in eta continues.</summary>
    public double Eta { get; init; } = 3;

    /// <summary>Whether a trial must also meet the last bracket's threshold between brackets.</summary>
    public bool Strict { get; init; }

    /// <summary>Epochs, counted from 1, after which trials are compared.</summary>
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

    /// <summary>Decides whether a trial stops after its latest epoch.</summary>
    /// <param name="own">Values of the trial per epoch; less is better.</param>
    /// <param name="others">Values of all other trials per epoch.</param>
    /// <returns>The reason to stop, or null to continue.</returns>
    public string? Judge(IReadOnlyList<double> own, IEnumerable<IReadOnlyList<double>> others)
    {
        var epoch = own.Count;
        var bracket = Strict ? Brackets.LastOrDefault(b => b <= epoch) : Brackets.FirstOrDefault(b => b == epoch);
        if (bracket == 0)
        {
            return null;
        }

        double[] values = [.. others.Append(own).Where(o => o.Count >= bracket).Select(o => NaNAsWorst(o[bracket - 1])).Order()];
        var threshold = values[(int)(values.Length / Eta)];
        return NaNAsWorst(own[epoch - 1]) > threshold
            ? string.Create(CultureInfo.InvariantCulture, $"not among the best 1/{Eta:0.##} of {values.Length} trials at the bracket of epoch {bracket}")
            : null;

        static double NaNAsWorst(double value) => double.IsNaN(value) ? double.PositiveInfinity : value;
    }
}

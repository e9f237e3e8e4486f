using System.Globalization;
using SketchFlow.Data.Machine;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>
/// Suggests the next trial as a function of the plan, its seed and the trials so far, so that a sweep resumed after a kill suggests the same trials.
/// </summary>
public static class TrialSuggester
{
    private const int Candidates = 1500;

    /// <summary>Returns the next point in the unit cube of <see cref="SweepPlan.Searched"/>.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="trial">Number of the next trial, from 1.</param>
    /// <param name="past">Point and value of the trials that ended; less is better, NaN for failed ones.</param>
    /// <returns>The point; null if all combinations have been tried.</returns>
    public static double[]? Next(SweepPlan plan, int trial, IReadOnlyList<(double[] Units, double Value)> past) => plan.Method switch
    {
        SweepMethod.Grid => Grid(plan, trial),
        SweepMethod.Random => Random(plan, trial),
        _ => Bayes(plan, trial, past),
    };

    // The last setting varies fastest.
    private static double[]? Grid(SweepPlan plan, int trial)
    {
        var searched = plan.Searched;
        if (trial > plan.Combinations)
        {
            return null;
        }

        var units = new double[searched.Length];
        long rest = trial - 1;
        for (var i = searched.Length - 1; i >= 0; i--)
        {
            var count = searched[i].Distribution.Count!.Value;
            units[i] = ((int)(rest % count) + 0.5) / count;
            rest /= count;
        }

        return units;
    }

    // Every setting has its own random stream: another setting in the file does not change it.
    private static double[] Random(SweepPlan plan, int trial) =>
        [.. plan.Searched.Select(p => KeyedRandom.For(plan.Seed, 0, trial, KeyedRandom.Hash($"sweep {p.Key}")).NextUnit())];

    private static double[]? Bayes(SweepPlan plan, int trial, IReadOnlyList<(double[] Units, double Value)> past)
    {
        var searched = plan.Searched;
        var tried = past.Select(p => Key(plan, p.Units)).ToHashSet(StringComparer.Ordinal);
        if (tried.Count >= plan.Combinations)
        {
            return null;
        }

        var random = KeyedRandom.For(plan.Seed, 0, trial, "sweep bayes");
        var known = past.Where(p => double.IsFinite(p.Value)).ToList();
        if (known.Count < Math.Clamp(searched.Length + 1, 3, 10))
        {
            return RandomUntried(plan, trial, tried);
        }

        // A failed trial counts as the worst successful one.
        var worst = known.Max(p => p.Value);
        double[][] points = [.. past.Select(p => Features(plan, p.Units))];
        double[] values = [.. past.Select(p => double.IsFinite(p.Value) ? p.Value : worst)];
        var process = GaussianProcess.Fit(points, values, random.Fork(1));
        var best = values.Min();
        // The process knows the best value only up to its noise: improve on its estimate of the best point.
        var incumbent = Math.Min(best, points.Min(p => process.At(p).Mean));

        var leaders = past.Where(p => double.IsFinite(p.Value)).OrderBy(p => p.Value).Take(3).Select(p => p.Units).ToList();
        var (found, gain) = (default(double[]), double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            double[] units = i % 3 == 0
                ? Near(leaders[i / 3 % leaders.Count], Math.Pow(10, -1 - (i / 9 % 3)))
                : [.. searched.Select(_ => random.NextUnit())];
            Try(units);
        }

        for (var radius = 0.1; found is not null && radius > 0.001; radius /= 2)
        {
            for (var i = 0; i < 30; i++)
            {
                Try(Near(found, radius));
            }
        }

        return found ?? RandomUntried(plan, trial, tried);

        double[] Near(double[] centre, double radius) => [.. centre.Select(u => Math.Clamp(u + (radius * random.NextNormal()), 0, 1))];

        void Try(double[] units)
        {
            if (tried.Contains(Key(plan, units)))
            {
                return;
            }

            var gained = process.ExpectedImprovement(Features(plan, units), incumbent);
            if (gained > gain)
            {
                (found, gain) = (units, gained);
            }
        }
    }

    // Draws again while the point has been tried, so that a small space is searched without repetition.
    private static double[] RandomUntried(SweepPlan plan, int trial, HashSet<string> tried)
    {
        var units = Random(plan, trial);
        for (var i = 1; i < 10_000 && tried.Contains(Key(plan, units)); i++)
        {
            var attempt = i;
            units = [.. plan.Searched.Select(p => KeyedRandom.For(plan.Seed, attempt, trial, KeyedRandom.Hash($"sweep {p.Key}")).NextUnit())];
        }

        return units;
    }

    /// <summary>Returns the coordinates of a point for the process: one axis per number, one axis per name; different names are at distance 1.</summary>
    private static double[] Features(SweepPlan plan, double[] units)
    {
        var features = new List<double>(units.Length);
        foreach (var (parameter, unit) in plan.Searched.Zip(units))
        {
            var distribution = parameter.Distribution;
            if (distribution.IsUnordered)
            {
                var index = distribution.Index(unit);
                features.AddRange(Enumerable.Range(0, distribution.Values.Length).Select(i => i == index ? Math.Sqrt(0.5) : 0));
            }
            else
            {
                features.Add(distribution.Snap(unit));
            }
        }

        return [.. features];
    }

    private static string Key(SweepPlan plan, double[] units) =>
        string.Join('|', plan.SettingsAt(units).Select(v =>
            Convert.ToString(v.Value is string or long or double ? v.Value : SweepPlan.Format(v.Value), CultureInfo.InvariantCulture)));
}

using System.Globalization;
using SketchFlow.Data.Machine;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>The next trial: a function of the plan, its seed and the trials so far, so that a sweep that goes on after a kill suggests what it would have.</summary>
public static class TrialSuggester
{
    private const int Candidates = 1500;

    /// <summary>A place of the unit cube of <see cref="SweepPlan.Searched"/>.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="trial">Number of the trial to come, from 1.</param>
    /// <param name="past">Place and value of the trials that ended, less is better; NaN for those that failed.</param>
    /// <returns>Null where everything was tried.</returns>
    public static double[]? Next(SweepPlan plan, int trial, IReadOnlyList<(double[] Units, double Value)> past) => plan.Method switch
    {
        SweepMethod.Grid => Grid(plan, trial),
        SweepMethod.Random => Random(plan, trial),
        _ => Bayes(plan, trial, past),
    };

    // The last setting turns fastest.
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

    // Every setting has a stream of its own: one more in the file changes no other.
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

        var chance = KeyedRandom.For(plan.Seed, 0, trial, "sweep bayes");
        var known = past.Where(p => double.IsFinite(p.Value)).ToList();
        if (known.Count < Math.Clamp(searched.Length + 1, 3, 10))
        {
            return Fresh(plan, trial, tried);
        }

        // A trial that failed is as bad as the worst that did not.
        var worst = known.Max(p => p.Value);
        double[][] points = [.. past.Select(p => Features(plan, p.Units))];
        double[] values = [.. past.Select(p => double.IsFinite(p.Value) ? p.Value : worst)];
        var process = GaussianProcess.Fit(points, values, chance.Fork(1));
        var best = values.Min();
        // The process is never surer of the best value than its noise: improve on what it believes the best place gives.
        var incumbent = Math.Min(best, points.Min(p => process.At(p).Mean));

        var leaders = past.Where(p => double.IsFinite(p.Value)).OrderBy(p => p.Value).Take(3).Select(p => p.Units).ToList();
        var (found, gain) = (default(double[]), double.NegativeInfinity);
        for (var i = 0; i < Candidates; i++)
        {
            double[] units = i % 3 == 0
                ? Near(leaders[i / 3 % leaders.Count], Math.Pow(10, -1 - (i / 9 % 3)))
                : [.. searched.Select(_ => chance.NextUnit())];
            Try(units);
        }

        for (var radius = 0.1; found is not null && radius > 0.001; radius /= 2)
        {
            for (var i = 0; i < 30; i++)
            {
                Try(Near(found, radius));
            }
        }

        return found ?? Fresh(plan, trial, tried);

        double[] Near(double[] centre, double radius) => [.. centre.Select(u => Math.Clamp(u + (radius * chance.NextNormal()), 0, 1))];

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

    // Drawn at random, and again where it was tried: a small space is filled without repeating.
    private static double[] Fresh(SweepPlan plan, int trial, HashSet<string> tried)
    {
        var units = Random(plan, trial);
        for (var i = 1; i < 10_000 && tried.Contains(Key(plan, units)); i++)
        {
            var attempt = i;
            units = [.. plan.Searched.Select(p => KeyedRandom.For(plan.Seed, attempt, trial, KeyedRandom.Hash($"sweep {p.Key}")).NextUnit())];
        }

        return units;
    }

    /// <summary>A place as the process sees it: numbers in order along one axis, names on an axis each, all a distance of 1 apart.</summary>
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
        string.Join('|', plan.At(units).Select(v => Convert.ToString(v.Value is string or long or double ? v.Value : SweepPlan.Text(v.Value), CultureInfo.InvariantCulture)));
}

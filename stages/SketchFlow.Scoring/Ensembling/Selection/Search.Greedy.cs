using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

public static partial class Search
{
    /// <summary>
    /// Selects members greedily with replacement (Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble Selection from Libraries of Models", ICML 2004; AutoGluon's
    /// weighted ensemble): each round adds the model whose addition scores best, possibly again; the shortest best prefix is kept.
    /// </summary>
    /// <remarks>
    /// Ties go to the better log-loss, then to the first in the set's order, so that the path is deterministic.
    /// With replacement the result can exceed the best equal-weight subset: 2 of one and 1 of another is not a subset.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static SearchPath Greedy(LogitsSet set, Objective objective = Objective.Accuracy, int rounds = 50) =>
        Greedy(set, objective, new GreedyOptions { Rounds = rounds });

    /// <summary>Selects members greedily with replacement.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="options">Rounds, rounding and start.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static SearchPath Greedy(LogitsSet set, Objective objective, GreedyOptions options)
    {
        ArgumentNullException.ThrowIfNull(set);
        Check(options);
        return Greedy(new ProbabilityTable(set), [.. Enumerable.Range(0, set.Members.Length)], objective, options);
    }

    /// <summary>
    /// Averages greedy selections in random bags of the models (section 3 of Caruana's paper), which overfits less with many models and few rows.
    /// </summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="options">Bags, share, seed and selection.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static BaggedSelection Bagged(LogitsSet set, Objective objective = Objective.Accuracy, BaggingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new BaggingOptions();
        Check(options.Selection);
        if (options.Bags < 1 || options.Share is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "Expected at least 1 bag and a share above 0 and at most 1.");
        }

        var table = new ProbabilityTable(set);
        var size = Math.Clamp((int)Math.Round(options.Share * table.Models), 1, table.Models);
        var bags = ImmutableArray.CreateBuilder<(ImmutableArray<int>, SearchPath)>(options.Bags);
        var weights = new double[table.Models];
        for (var bag = 0; bag < options.Bags; bag++)
        {
            int[] order = [.. Enumerable.Range(0, table.Models)];
            KeyedRandom.For(options.Seed, 0, bag, "bag").Shuffle<int>(order);
            int[] models = [.. order.Take(size).Order()];
            var path = Greedy(table, models, objective, options.Selection);
            var members = (double)path.Counts.Sum();
            for (var m = 0; m < weights.Length; m++)
            {
                weights[m] += path.Counts[m] / members / options.Bags;
            }

            bags.Add(([.. models], path));
        }

        return new BaggedSelection(bags.MoveToImmutable(), [.. weights]);
    }

    private static void Check(GreedyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Rounds is < 1 or > 10_000 || options.Start < 0 || options.Decimals is < 0 or > 15)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "Expected 1 to 10,000 rounds, a start of 0 or more models and 0 to 15 decimals.");
        }
    }

    private static SearchPath Greedy(ProbabilityTable table, int[] models, Objective objective, GreedyOptions options)
    {
        var sums = table.EmptySums();
        var steps = ImmutableArray.CreateBuilder<SearchStep>();
        var start = Math.Min(Math.Min(options.Start, models.Length), options.Rounds);
        int[] first = start == 0 ? [] : [.. RankSingleModels(table, models, objective, options.Decimals).Take(start)];
        for (var size = 1; size <= options.Rounds; size++)
        {
            int[] candidates = size <= start ? [first[size - 1]] : models;
            var step = BestChange(table, sums, size, [.. candidates.Select(m => (m, -1))], objective, options.Decimals);
            table.AddTo(sums, step.Added, 1);
            steps.Add(step);
        }

        // The shortest of the best prefixes, but never shorter than the start.
        var best = Math.Max(0, start - 1);
        for (var i = best + 1; i < steps.Count; i++)
        {
            best = Rounded(steps[i].Score, options.Decimals) > Rounded(steps[best].Score, options.Decimals) ? i : best;
        }

        var counts = new int[table.Models];
        foreach (var step in steps.Take(best + 1))
        {
            counts[step.Added]++;
        }

        return new SearchPath(steps.ToImmutable(), [.. counts], steps[best].Score);
    }

    /// <summary>Sorts models by their own score, best first; ties go to the better log-loss, then to the first in order.</summary>
    private static IEnumerable<int> RankSingleModels(ProbabilityTable table, int[] models, Objective objective, int? decimals)
    {
        var none = table.EmptySums();
        return models
            .Select(m => (m, Score: Rounded(table.Score(none, 1, m, -1, objective), decimals), Loss: table.Score(none, 1, m, -1, Objective.LogLoss)))
            .OrderByDescending(t => t.Score).ThenByDescending(t => t.Loss).ThenBy(t => t.m).Select(t => t.m);
    }

    private static double Rounded(double score, int? decimals) => decimals is { } d ? Math.Round(score, d) : score;

    /// <summary>Finds the best of several changes: by score, then log-loss, then order.</summary>
    // Seven parameters: the state of the search, the changes, and how they are scored.
    private static SearchStep BestChange(
        ProbabilityTable table, long[] sums, int members, (int Plus, int Minus)[] changes, Objective objective, int? decimals = null, int times = 1)
    {
        var scores = new double[changes.Length];
        Parallel.For(0, changes.Length, i => scores[i] = table.Score(sums, members, changes[i].Plus, changes[i].Minus, objective, times));
        var most = scores.Max(s => Rounded(s, decimals));
        int[] equals = [.. Enumerable.Range(0, changes.Length).Where(i => Rounded(scores[i], decimals) >= most)];
        var chosen = equals.Length == 1 || (objective == Objective.LogLoss && decimals is null)
            ? equals[0]
            : equals.MaxBy(i => table.Score(sums, members, changes[i].Plus, changes[i].Minus, Objective.LogLoss, times));
        return new SearchStep(changes[chosen].Plus, changes[chosen].Minus, scores[chosen]);
    }
}

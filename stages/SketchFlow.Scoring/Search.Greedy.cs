using System.Collections.Immutable;

namespace SketchFlow.Scoring;

/// <summary>One step of a search: what came, what went, and the score after it.</summary>
/// <param name="Added">Position of the model that came, or -1.</param>
/// <param name="Removed">Position of the model that went, or -1.</param>
/// <param name="Score">Score after the step; more is better.</param>
public sealed record SearchStep(int Added, int Removed, double Score);

/// <summary>Where a search went, and the ensemble it ended with.</summary>
/// <param name="Steps">All steps, also those after the best.</param>
/// <param name="Counts">How often each model is in the best ensemble; as weights they give it to <see cref="Combine.SoftVote"/>.</param>
/// <param name="Score">Its score; more is better.</param>
public sealed record SearchPath(ImmutableArray<SearchStep> Steps, ImmutableArray<int> Counts, double Score);

public static partial class Search
{
    /// <summary>
    /// Greedy selection with replacement (Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble Selection from Libraries of Models", ICML 2004; AutoGluon's
    /// weighted ensemble): in each round the model whose addition to the sum scores best comes in, also a second time; the shortest best prefix is kept.
    /// </summary>
    /// <remarks>
    /// Of models that score the same, the one with the better log-loss comes in, then the first in the set's order, so the path is always the same.
    /// With replacement it can pass the best equal-weight subset: 2 of one and 1 of another is not a subset.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="aim">What is scored.</param>
    /// <param name="rounds">Members of the longest ensemble; AutoGluon takes 25 to 100.</param>
    /// <exception cref="Samples.RefusalException">A row has no target.</exception>
    public static SearchPath Greedy(LogitsSet set, Aim aim = Aim.Accuracy, int rounds = 50)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, 10_000);
        var ballots = new Ballots(set);
        var sums = ballots.NoSums();
        var steps = ImmutableArray.CreateBuilder<SearchStep>();
        for (var size = 1; size <= rounds; size++)
        {
            var step = BestOf(ballots, sums, size, [.. Enumerable.Range(0, ballots.Models).Select(m => (m, -1))], aim);
            ballots.Change(sums, step.Added, 1);
            steps.Add(step);
        }

        var best = 0;
        for (var i = 1; i < steps.Count; i++)
        {
            best = steps[i].Score > steps[best].Score ? i : best;
        }

        var counts = new int[ballots.Models];
        foreach (var step in steps.Take(best + 1))
        {
            counts[step.Added]++;
        }

        return new SearchPath(steps.ToImmutable(), [.. counts], steps[best].Score);
    }

    /// <summary>The best of several changes of the same size: by score, then log-loss, then the order given.</summary>
    private static SearchStep BestOf(Ballots ballots, long[] sums, int members, (int Plus, int Minus)[] changes, Aim aim)
    {
        var scores = new double[changes.Length];
        Parallel.For(0, changes.Length, i => scores[i] = ballots.Score(sums, members, changes[i].Plus, changes[i].Minus, aim));
        var most = scores.Max();
        int[] equals = [.. Enumerable.Range(0, changes.Length).Where(i => scores[i] >= most)];
        var chosen = equals.Length == 1 || aim == Aim.LogLoss
            ? equals[0]
            : equals.MaxBy(i => ballots.Score(sums, members, changes[i].Plus, changes[i].Minus, Aim.LogLoss));
        return new SearchStep(changes[chosen].Plus, changes[chosen].Minus, scores[chosen]);
    }
}

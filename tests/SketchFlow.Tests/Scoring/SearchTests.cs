using FsCheck.Xunit;
using SketchFlow.Scoring;

namespace SketchFlow.Tests.Scoring;

public sealed class SearchTests
{
    /// <summary>Caruana's algorithm as the paper tells it: float64 means, three loops, ties by log-loss and then by order.</summary>
    private static List<(int Model, double Score)> Caruana(LogitsSet set, int rounds)
    {
        var targets = set.RequireTargets();
        var bag = new List<int>();
        var path = new List<(int, double)>();
        for (var round = 0; round < rounds; round++)
        {
            var trials = Enumerable.Range(0, set.Members.Length).Select(m =>
            {
                var (right, loss) = (0, 0.0);
                for (var r = 0; r < set.Rows; r++)
                {
                    var mean = new double[set.Classes];
                    foreach (var member in bag.Append(m))
                    {
                        var row = set.Members[member].Row(r);
                        var normaliser = Softmax.LogSumExp(row);
                        for (var c = 0; c < mean.Length; c++)
                        {
                            mean[c] += Math.Exp(row[c] - normaliser) / (bag.Count + 1);
                        }
                    }

                    right += Array.IndexOf(mean, mean.Max()) == targets[r] ? 1 : 0;
                    loss -= Math.Log(mean[targets[r]]);
                }

                return (Model: m, Score: (double)right / set.Rows, Loss: loss);
            }).ToArray();
            var best = trials.OrderByDescending(t => t.Score).ThenBy(t => t.Loss).First();
            bag.Add(best.Model);
            path.Add((best.Model, best.Score));
        }

        return path;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Greedy_selection_is_Caruanas_step_by_step(int seed)
    {
        var set = Tables.Set(6, 120, 9, seed);
        var reference = Caruana(set, 15);
        var path = Search.Greedy(set, Aim.Accuracy, rounds: 15);
        Assert.Equal(reference, path.Steps.Select(s => (s.Added, s.Score)));
        var best = reference.FindIndex(s => s.Score >= reference.Max(t => t.Score));
        Assert.Equal(best + 1, path.Counts.Sum());
        var vote = Combine.SoftVote(set, [.. path.Counts.Select(c => (double)c)]);
        Assert.Equal(path.Score, Metrics.Accuracy(vote.Predictions, set.RequireTargets()), 1e-12);
    }

    [Property(MaxTest = 15)]
    public void Exhaustive_is_at_least_stepwise_and_every_search_at_least_the_best_single(byte seed)
    {
        var set = Tables.Set(5, 60, 7, seed);
        foreach (var aim in Enum.GetValues<Aim>())
        {
            var scores = Search.Exhaustive(set, aim);
            var best = scores.Scores[scores.Best] + 1e-12;
            var single = scores.Scores[scores.BestOf(1)] - 1e-12;
            var forward = Search.Forward(set, aim);
            var swap = Search.Stepwise(set, [0, 1, 2], aim: aim);
            Assert.InRange(forward.Score, single, best);
            Assert.InRange(swap.Score, scores.Scores[7] - 1e-12, best);
            Assert.InRange(Search.Backward(set, aim).Score, scores.Scores[31] - 1e-12, best);
            Assert.True(Search.Greedy(set, aim, 10).Score >= single);
            // Incremental sums score as from scratch.
            var mask = forward.Counts.Select((c, m) => c << m).Sum();
            Assert.Equal(scores.Scores[mask], forward.Score, 1e-12);
        }
    }

    [Fact]
    public void The_ladder_climbs_from_the_best_single_model_to_the_ensemble()
    {
        var set = Tables.Set(6, 150, 8, 4);
        var scores = Search.Exhaustive(set);
        int[] members = [1, 2, 4, 5];
        var ladder = Search.Ladder(set, members);
        Assert.Equal(members, ladder.Select(s => s.Added).Order());
        Assert.Equal(members.Max(m => scores.Scores[1 << m]), ladder[0].Score);
        Assert.Equal(scores.Scores[0b110110], ladder[3].Score);
        Assert.Throws<ArgumentException>(() => Search.Ladder(set, [1, 1]));
        Assert.Throws<ArgumentException>(() => Search.Stepwise(set, [6]));
    }

    [Fact]
    public void Held_out_scores_see_no_row_twice_and_noise_is_told()
    {
        var set = Tables.Set(4, 200, 6, 5);
        var targets = set.RequireTargets();
        var seen = 0;
        var score = Honest.HeldOut(set, rest =>
        {
            seen += rest.Rows;
            return [1, 0, 0, 0];
        });
        Assert.Equal(4 * 200, seen);
        // A search that always takes the first model scores as that model.
        Assert.Equal(Metrics.Evaluate(set.Members[0]).Accuracy, score);

        var vote = Combine.SoftVote(set);
        var interval = Honest.Bootstrap(vote, targets);
        Assert.Equal(Metrics.Accuracy(vote.Predictions, targets), interval.Score);
        Assert.InRange(interval.Score, interval.Low, interval.High);
        // About two standard errors of a share each side.
        var error = Math.Sqrt(interval.Score * (1 - interval.Score) / 200);
        Assert.InRange(interval.High - interval.Low, 3 * error, 5 * error);
        Assert.Equal(interval, Honest.Bootstrap(vote, targets));
        Assert.Equal(new Interval(0, 0, 0), Honest.Difference(vote, vote, targets, Aim.MacroF1));

        // Copies of one model: any larger ensemble is within noise of the single one.
        var copies = LogitsSet.Join([set.Members[0], set.Members[0], set.Members[0]]);
        var scores = new SubsetScores(3, [double.NaN, 0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5]);
        Assert.Equal((1, new Interval(0, 0, 0)), Honest.SmallerWithinNoise(copies, scores));
    }
}

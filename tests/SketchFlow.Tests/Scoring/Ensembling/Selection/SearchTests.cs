using FsCheck.Xunit;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Ensembling.Selection;

public sealed class SearchTests
{
    /// <summary>Caruana's algorithm as in the paper: float64 means, three loops, ties (after rounding) by log-loss and then by order.</summary>
    private static List<(
        int Model, double Score)> Caruana(LogitsSet set, Objective objective, int rounds, int? decimals = null, int[]? models = null, int start = 0)
    {
        var targets = set.RequireTargets();
        models ??= [.. Enumerable.Range(0, set.Members.Length)];
        double Rounded(double score) => decimals is { } d ? Math.Round(score, d) : score;
        (int Model, double Score, double Loss) Try(IEnumerable<int> bag, int m)
        {
            int[] members = [.. bag, m];
            var predictions = new int[set.Rows];
            var loss = 0.0;
            for (var r = 0; r < set.Rows; r++)
            {
                var mean = new double[set.Classes];
                foreach (var member in members)
                {
                    var row = set.Members[member].Row(r);
                    var normaliser = Softmax.LogSumExp(row);
                    for (var c = 0; c < mean.Length; c++)
                    {
                        mean[c] += Math.Exp(row[c] - normaliser) / members.Length;
                    }
                }

                predictions[r] = Array.IndexOf(mean, mean.Max());
                loss -= Math.Log(mean[targets[r]]) / set.Rows;
            }

            var score = objective switch
            {
                Objective.Accuracy => ClassificationMetrics.Accuracy(predictions, targets),
                Objective.MacroF1 => ClassificationMetrics.MacroF1(predictions, targets, set.Classes),
                _ => -loss,
            };
            return (m, score, loss);
        }

        (int Model, double Score) Best(IEnumerable<(int Model, double Score, double Loss)> trials)
        {
            var (model, score, _) = trials.OrderByDescending(t => Rounded(t.Score)).ThenBy(t => t.Loss).First();
            return (model, score);
        }

        int[] first = [.. models.Select(m => Try([], m)).OrderByDescending(t => Rounded(t.Score)).ThenBy(t => t.Loss).Take(start).Select(t => t.Model)];
        var path = new List<(int Model, double Score)>();
        for (var round = 0; round < rounds; round++)
        {
            var bag = path.Select(p => p.Model).ToList();
            path.Add(Best((round < first.Length ? [first[round]] : models).Select(m => Try(bag, m))));
        }

        return path;
    }

    private static void AssertSame(List<(int Model, double Score)> reference, SearchPath path)
    {
        Assert.Equal(reference.Select(r => r.Model), path.Steps.Select(s => s.Added));
        Assert.All(reference.Zip(path.Steps), p => Assert.Equal(p.First.Score, p.Second.Score, 1e-9));
    }

    [Theory]
    [InlineData(1, Objective.Accuracy)]
    [InlineData(2, Objective.Accuracy)]
    [InlineData(3, Objective.Accuracy)]
    [InlineData(4, Objective.LogLoss)]
    [InlineData(5, Objective.MacroF1)]
    public void Greedy_selection_is_Caruanas_step_by_step(int seed, Objective objective)
    {
        var set = TableFixtures.Set(6, 120, 9, seed);
        var reference = Caruana(set, objective, 15);
        var path = Search.Greedy(set, objective, rounds: 15);
        AssertSame(reference, path);
        var best = reference.FindIndex(s => s.Score >= reference.Max(t => t.Score) - 1e-12);
        Assert.Equal(best + 1, path.Counts.Sum());
        var vote = Combine.SoftVote(set, path.Weights);
        Assert.Equal(path.Score, Resampling.Score(vote, set.RequireTargets(), objective), 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Scores_equal_after_rounding_are_tied_and_the_log_loss_decides(int decimals)
    {
        var set = TableFixtures.Set(6, 120, 9, 7);
        var options = new GreedyOptions { Rounds = 10, Decimals = decimals };
        var path = Search.Greedy(set, Objective.Accuracy, options);
        AssertSame(Caruana(set, Objective.Accuracy, 10, decimals), path);
        Assert.NotEqual(Search.Greedy(set, Objective.Accuracy, 10).Steps.Select(s => s.Added), path.Steps.Select(s => s.Added));
        // Copies of one model are tied in everything: the first in order is chosen.
        var copies = LogitsSet.Join([set.Members[0], set.Members[0], set.Members[0]]);
        Assert.All(Search.Greedy(copies, Objective.Accuracy, 4).Steps, s => Assert.Equal(0, s.Added));
    }

    [Fact]
    public void A_sorted_start_takes_the_best_single_models_first()
    {
        var set = TableFixtures.Set(6, 120, 9, 8);
        var path = Search.Greedy(set, Objective.Accuracy, new GreedyOptions { Rounds = 8, Start = 3 });
        AssertSame(Caruana(set, Objective.Accuracy, 8, start: 3), path);
        Assert.True(path.Counts.Sum() >= 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Search.Greedy(set, Objective.Accuracy, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Search.Greedy(set, Objective.Accuracy, new GreedyOptions { Decimals = 16 }));
    }

    [Fact]
    public void Bagged_selection_is_the_mean_of_selections_in_random_bags()
    {
        var set = TableFixtures.Set(6, 100, 8, 9);
        var options = new BaggingOptions { Bags = 6, Selection = new() { Rounds = 8 } };
        var bagged = Search.Bagged(set, Objective.Accuracy, options);
        var weights = new double[6];
        foreach (var (models, path) in bagged.Bags)
        {
            Assert.Equal(3, models.Length);
            AssertSame(Caruana(set, Objective.Accuracy, 8, models: [.. models]), path);
            for (var m = 0; m < 6; m++)
            {
                weights[m] += path.Counts[m] / (double)path.Counts.Sum() / 6;
            }
        }

        Assert.Equal(weights, bagged.Weights);
        Assert.Equal(1, bagged.Weights.Sum(), 1e-12);
        Assert.True(bagged.Bags.Select(b => string.Join(' ', b.Models)).Distinct(StringComparer.Ordinal).Count() > 1);
        Assert.Equal(bagged.Weights, Search.Bagged(set, Objective.Accuracy, options).Weights);
        // One bag of all models is the plain selection.
        var plain = Search.Greedy(set, Objective.Accuracy, 8);
        Assert.Equal(plain.Steps, Search.Bagged(set, Objective.Accuracy, options with { Bags = 1, Share = 1 }).Bags[0].Path.Steps);
        Assert.Throws<ArgumentOutOfRangeException>(() => Search.Bagged(set, Objective.Accuracy, options with { Share = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Search.Bagged(set, Objective.Accuracy, options with { Bags = 0 }));
    }

    [Property(MaxTest = 10)]
    public void Hill_climbing_never_falls_below_its_start_and_ends_where_no_shift_helps(byte seed)
    {
        var set = TableFixtures.Set(4, 80, 6, seed);
        var targets = set.RequireTargets();
        foreach (var objective in Enum.GetValues<Objective>())
        {
            double Score(IEnumerable<int> parts) => Resampling.Score(Combine.SoftVote(set, [.. parts.Select(p => (double)p)]), targets, objective);
            var greedy = Search.Greedy(set, objective, 6);
            foreach (var start in new IReadOnlyList<int>?[] { null, [.. greedy.Counts] })
            {
                var climb = Search.HillClimb(set, start, objective, parts: 12);
                Assert.True(climb.Score >= Score(start ?? [1, 1, 1, 1]) - 1e-9);
                Assert.Equal(Score(climb.Parts), climb.Score, 1e-9);
                Assert.Equal(climb.Moves.Select(m => m.Score).Order(), climb.Moves.Select(m => m.Score));
                Assert.Equal(1, climb.Weights.Sum(), 1e-12);
                for (var from = 0; from < 4; from++)
                {
                    for (var to = 0; to < 4; to++)
                    {
                        if (from != to && climb.Parts[from] > 0)
                        {
                            Assert.True(Score(climb.Parts.Select((p, m) => p - (m == from ? 1 : 0) + (m == to ? 1 : 0))) <= climb.Score + 1e-9);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void Hill_climbing_refuses_an_invalid_start()
    {
        var set = TableFixtures.Set(2, 20, 3, 1);
        Assert.Throws<ArgumentException>(() => Search.HillClimb(set, [1]));
        Assert.Throws<ArgumentException>(() => Search.HillClimb(set, [0, 0]));
        Assert.Throws<ArgumentException>(() => Search.HillClimb(set, [2, -1]));
    }

    [Property(MaxTest = 15)]
    public void Exhaustive_is_at_least_stepwise_and_every_search_at_least_the_best_single(byte seed)
    {
        var set = TableFixtures.Set(5, 60, 7, seed);
        foreach (var objective in Enum.GetValues<Objective>())
        {
            var scores = Search.Exhaustive(set, objective);
            var best = scores.Scores[scores.Best] + 1e-12;
            var single = scores.Scores[scores.BestOf(1)] - 1e-12;
            var forward = Search.Forward(set, objective);
            var swap = Search.Stepwise(set, [0, 1, 2], objective: objective);
            Assert.InRange(forward.Score, single, best);
            Assert.InRange(swap.Score, scores.Scores[7] - 1e-12, best);
            Assert.InRange(Search.Backward(set, objective).Score, scores.Scores[31] - 1e-12, best);
            Assert.True(Search.Greedy(set, objective, 10).Score >= single);
            // Incremental sums give the same scores as new sums.
            var mask = forward.Counts.Select((c, m) => c << m).Sum();
            Assert.Equal(scores.Scores[mask], forward.Score, 1e-12);
        }
    }

    [Fact]
    public void Members_are_ordered_by_gain_from_the_best_single_model_to_the_ensemble()
    {
        var set = TableFixtures.Set(6, 150, 8, 4);
        var scores = Search.Exhaustive(set);
        int[] members = [1, 2, 4, 5];
        var ladder = Search.OrderByGain(set, members);
        Assert.Equal(members, ladder.Select(s => s.Added).Order());
        Assert.Equal(members.Max(m => scores.Scores[1 << m]), ladder[0].Score);
        Assert.Equal(scores.Scores[0b110110], ladder[3].Score);
        Assert.Throws<ArgumentException>(() => Search.OrderByGain(set, [1, 1]));
        Assert.Throws<ArgumentException>(() => Search.Stepwise(set, [6]));
    }

    [Fact]
    public void Held_out_predictions_use_no_row_twice_and_noise_is_detected()
    {
        var set = TableFixtures.Set(4, 200, 6, 5);
        var targets = set.RequireTargets();
        var seen = 0;
        var heldOut = Resampling.HeldOutPrediction(set, rest =>
        {
            seen += rest.Rows;
            return held => Combine.SoftVote(held, [1, 0, 0, 0]);
        });
        var score = Resampling.Score(heldOut, targets, Objective.Accuracy);
        Assert.Equal(4 * 200, seen);
        // A search that always chooses the first model has the score of that model.
        Assert.Equal(ClassificationMetrics.Evaluate(set.Members[0]).Accuracy, score);

        var vote = Combine.SoftVote(set);
        var interval = Resampling.Bootstrap(vote, targets);
        Assert.Equal(ClassificationMetrics.Accuracy(vote.Predictions, targets), interval.Score);
        Assert.InRange(interval.Score, interval.Low, interval.High);
        // About two standard errors of a share each side.
        var error = Math.Sqrt(interval.Score * (1 - interval.Score) / 200);
        Assert.InRange(interval.High - interval.Low, 3 * error, 5 * error);
        Assert.Equal(interval, Resampling.Bootstrap(vote, targets));
        Assert.Equal(new Interval(0, 0, 0), Resampling.Difference(vote, vote, targets, Objective.MacroF1));

        // Copies of one model: any larger ensemble is within noise of the single one.
        var copies = LogitsSet.Join([set.Members[0], set.Members[0], set.Members[0]]);
        var scores = new SubsetScores(3, [double.NaN, 0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5]);
        Assert.Equal((1, new Interval(0, 0, 0)), Search.SmallerWithinNoise(copies, scores));
    }
}

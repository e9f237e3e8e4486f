using FsCheck.Xunit;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Ensembling.Combining;

public sealed class CombineTests
{
    [Fact]
    public void Every_method_leaves_the_predictions_of_a_single_model_and_sums_to_1()
    {
        var table = TableFixtures.Table(80, 9, 1);
        var set = LogitsSet.Join([table]);
        var own = ClassificationMetrics.Evaluate(table).Predictions;
        foreach (var vote in new[]
        {
            Combine.SoftVote(set), Combine.GeometricMean(set), Combine.RankAverage(set), Combine.HardVote(set), Combine.SoftVote(set, temperatures: [3.5]),
        })
        {
            Assert.Equal(own, vote.Predictions);
            Assert.All(Enumerable.Range(0, vote.Rows), r => Assert.Equal(1, vote.Row(r).ToArray().Sum(), 1e-9));
        }
    }

    [Fact]
    public void The_geometric_mean_is_that_of_the_probabilities()
    {
        var set = TableFixtures.Set(3, 20, 5, 1);
        var vote = Combine.GeometricMean(set, [1, 2, 1]);
        for (var r = 0; r < set.Rows; r++)
        {
            double LogP(int m, int c) => set.Members[m].Row(r)[c] - Softmax.LogSumExp(set.Members[m].Row(r));
            var products = Enumerable.Range(0, 5).Select(c => Math.Exp(((LogP(0, c) + (2 * LogP(1, c)) + LogP(2, c)) / 4))).ToArray();
            for (var c = 0; c < 5; c++)
            {
                Assert.Equal(products[c] / products.Sum(), vote.Row(r)[c], 1e-12);
            }
        }
    }

    [Fact]
    public void Hard_votes_are_counted_and_ties_go_to_the_soft_vote()
    {
        LogitsTable One(string run, params float[] logits) => TableFixtures.Table(1, 3, 1, run) with { Logits = logits };
        var set = LogitsSet.Join([One("a", 2, 0, 0), One("b", 0, 0, 9), One("c", 2, 0, 0)]);
        Assert.Equal(0, Combine.HardVote(set).Predictions[0]);
        Assert.Equal([0.667, 0, 0.333], Combine.HardVote(set).Probabilities.Select(p => Math.Round(p, 3)));
        Assert.Equal(2, Combine.HardVote(set.WithMembers([0, 1])).Predictions[0]);
    }

    [Fact]
    public void Tied_classes_share_their_ranks()
    {
        var set = LogitsSet.Join([TableFixtures.Table(1, 4, 1) with { Logits = new float[] { 5, 1, 1, 0 } }]);
        Assert.Equal([3 / 6.0, 1.5 / 6, 1.5 / 6, 0], Combine.RankAverage(set).Probabilities);
    }

    [Property(MaxTest = 20)]
    public void The_fitted_temperature_is_the_best_of_its_neighbours(byte seed)
    {
        var table = TableFixtures.Table(400, 6, seed);
        for (var i = 0; i < table.Logits.Length; i++)
        {
            table.Logits.Span[i] *= 4;
        }

        var set = LogitsSet.Join([table]);
        var targets = set.RequireTargets();
        var fitted = Temperature.Fit(set)[0];
        double Loss(double t) => ClassificationMetrics.Evaluate(Combine.SoftVote(set, temperatures: [t]), targets).LogLoss;
        // The true temperature is 4 / 1.5: the logits have unit variance and a lead of 1.5.
        Assert.InRange(fitted, 1.5, 6);
        Assert.True(Loss(fitted) <= Loss(fitted * 1.01) && Loss(fitted) <= Loss(fitted / 1.01));
    }

    [Fact]
    public void Fitting_a_temperature_never_fails()
    {
        Assert.Equal(1, Temperature.Fit(new float[6], 3, new[] { 0, 2 }));
        Assert.Equal(Temperature.Lowest, Temperature.Fit(new float[] { 5, 0, 0, 5 }, 2, new[] { 0, 1 }));
        Assert.Equal(Temperature.Highest, Temperature.Fit(new float[] { 5, 0, 0, 5 }, 2, new[] { 1, 0 }));
        Assert.Equal(Temperature.Highest, Temperature.Fit(new float[] { 3e38f, -3e38f, 3e38f, -3e38f }, 2, new[] { 1, 0 }));
        Assert.Equal(1, Temperature.Fit(new float[] { 7 }, 1, new[] { 0 }));
    }

    [Property(MaxTest = 15)]
    public void Fitted_weights_are_on_the_simplex_and_better_than_equal_ones(byte seed)
    {
        var tables = Enumerable.Range(0, 4).Select(m => TableFixtures.Table(150, 6, (seed * 10) + m, $"run-{m}", skill: m)).ToArray();
        var set = LogitsSet.Join(tables);
        var targets = set.RequireTargets();
        var equal = ClassificationMetrics.Evaluate(Combine.SoftVote(set), targets);
        var byLoss = WeightSearch.ByLogLoss(set);
        var bySquares = WeightSearch.ByLeastSquares(set);
        foreach (var weights in new[] { byLoss, bySquares })
        {
            Assert.All(weights, w => Assert.InRange(w, 0, 1));
            Assert.Equal(1, weights.Sum(), 1e-9);
        }

        Assert.True(ClassificationMetrics.Evaluate(Combine.SoftVote(set, byLoss), targets).LogLoss <= equal.LogLoss + 1e-12);
        // The best single model is on the simplex too.
        var bestSingle = tables.Min(t => ClassificationMetrics.Evaluate(t).LogLoss);
        Assert.True(ClassificationMetrics.Evaluate(Combine.SoftVote(set, byLoss), targets).LogLoss <= bestSingle + 1e-6);
        Assert.True(bySquares[3] > bySquares[0]);
    }
}

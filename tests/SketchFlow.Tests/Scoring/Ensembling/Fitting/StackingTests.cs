using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Ensembling.Fitting;

public sealed class StackingTests
{
    [Theory]
    [InlineData(StackForm.Full)]
    [InlineData(StackForm.OwnClass)]
    public void A_strong_penalty_gives_the_mean_of_logits_and_a_weak_one_fits_better(StackForm form)
    {
        var set = LogitsSet.Join([.. Enumerable.Range(0, 3).Select(m => TableFixtures.Table(150, 5, m, $"run-{m}", skill: m))]);
        var targets = set.RequireTargets();
        var options = new StackingOptions { Form = form };
        var geometric = Combine.GeometricMean(set);
        var strong = Stacking.Fit(set, 1e6, options).Predict(set);
        Assert.Equal(geometric.Predictions, strong.Predictions);
        for (var i = 0; i < geometric.Probabilities.Length; i++)
        {
            Assert.Equal(geometric.Probabilities[i], strong.Probabilities[i], 1e-4);
        }

        double Loss(double strength) => ClassificationMetrics.Evaluate(Stacking.Fit(set, strength, options).Predict(set), targets).LogLoss;
        var losses = new[] { 1.0, 0.1, 0.01, 0.001 }.Select(Loss).ToList();
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.True(losses[^1] < ClassificationMetrics.Evaluate(geometric, targets).LogLoss);
    }

    [Theory]
    [InlineData(StackForm.Full)]
    [InlineData(StackForm.OwnClass)]
    public void The_fit_is_a_minimum_of_the_penalised_log_loss(StackForm form)
    {
        var set = TableFixtures.Set(2, 60, 3, 1);
        var targets = set.RequireTargets();
        const double Strength = 0.05;
        var model = Stacking.Fit(set, Strength, new StackingOptions { Form = form, Steps = 500 });
        double Objective(double[] c) =>
            ClassificationMetrics.Evaluate((model with { Coefficients = c }).Predict(set), targets).LogLoss + (0.5 * Strength * c.Sum(x => x * x));
        var least = Objective(model.Coefficients);
        for (var i = 0; i < model.Coefficients.Length; i++)
        {
            foreach (var step in new[] { -1e-3, 1e-3 })
            {
                var moved = (double[])model.Coefficients.Clone();
                moved[i] += step;
                // The penalty alone raises a minimum by 0.5 × strength × step²: 2.5e-8.
                Assert.True(Objective(moved) > least);
            }
        }
    }

    [Fact]
    public void Cross_validation_chooses_a_strength_on_held_out_rows()
    {
        // The second model predicts class c + 1 for class c, which misleads averaging; a full stack learns it.
        var good = TableFixtures.Table(300, 4, 1, "a", skill: 1);
        var twisted = TableFixtures.Table(300, 4, 2, "b", skill: 3);
        var turned = new float[twisted.Logits.Length];
        for (var i = 0; i < turned.Length; i++)
        {
            turned[(i / 4 * 4) + ((i + 1) % 4)] = twisted.Logits.Span[i];
        }

        var set = LogitsSet.Join([good, twisted with { Logits = turned }]);
        var targets = set.RequireTargets();
        var report = Stacking.CrossValidate(set);
        Assert.Equal(5, report.Strengths.Length);
        Assert.Equal(report.Strengths.Min(s => s.LogLoss), ClassificationMetrics.Evaluate(report.OutOfFold, targets).LogLoss, 1e-12);
        Assert.Equal(report.Strengths.MinBy(s => s.LogLoss).Strength, report.Model.Strength);
        double Accuracy(EnsemblePrediction p) => ClassificationMetrics.Accuracy(p.Predictions, targets);
        Assert.True(Accuracy(report.OutOfFold) > Accuracy(Combine.SoftVote(set)) + 0.2);
        Assert.Equal(StackForm.Full, report.Model.Form);
        // The same rows give the same coefficients.
        Assert.Equal(report.Model.Coefficients, Stacking.CrossValidate(set).Model.Coefficients);
        Assert.Throws<RefusalException>(() => Stacking.Fit(set, 0));
        Assert.Throws<RefusalException>(() => report.Model.Predict(set.WithMembers([0])));
        Assert.Throws<RefusalException>(() => Stacking.CrossValidate(set, new StackingOptions { Strengths = [] }));
    }

    [Fact]
    public void Large_problems_use_the_logits_of_the_class_itself_only() =>
        Assert.Equal(
            [StackForm.Full, StackForm.OwnClass, StackForm.Full],
            [
                Stacking.ResolveForm(472, 12, 7, StackForm.Auto), Stacking.ResolveForm(3000, 12, 500, StackForm.Auto),
                Stacking.ResolveForm(3000, 12, 500, StackForm.Full),
            ]);

    [Property(MaxTest = 10)]
    public void Weights_on_logits_and_per_class_are_on_the_simplex_and_no_worse_than_equal_ones(byte seed)
    {
        var set = LogitsSet.Join([.. Enumerable.Range(0, 3).Select(m => TableFixtures.Table(120, 5, (seed * 10) + m, $"run-{m}", skill: m))]);
        var targets = set.RequireTargets();
        var weights = WeightSearch.ByLogLossOfLogits(set);
        Assert.All(weights, w => Assert.InRange(w, 0, 1));
        Assert.Equal(1, weights.Sum(), 1e-9);
        double Geometric(double[] w) => ClassificationMetrics.Evaluate(Combine.GeometricMean(set, w), targets).LogLoss;
        Assert.True(Geometric(weights) <= Geometric([1, 1, 1]) + 1e-12);
        // Convex: no neighbour on the simplex is better.
        for (var a = 0; a < 3; a++)
        {
            var moved = (double[])weights.Clone();
            moved[a] += 0.01;
            Assert.True(Geometric(moved) >= Geometric(weights) - 1e-7);
        }

        var perClass = WeightSearch.PerClass(set, prior: 5);
        for (var c = 0; c < 5; c++)
        {
            Assert.Equal(1, Enumerable.Range(0, 3).Sum(m => perClass[m, c]), 1e-9);
        }

        var fitted = ClassificationMetrics.Evaluate(Combine.PerClass(set, perClass), targets).LogLoss;
        Assert.True(fitted <= ClassificationMetrics.Evaluate(Combine.SoftVote(set), targets).LogLoss + 1e-12);
        // Strong regularisation gives equal weights.
        Assert.All(WeightSearch.PerClass(set, prior: 1e9).Cast<double>(), w => Assert.Equal(1.0 / 3, w, 1e-4));
    }

    [Fact]
    public void Per_class_weights_that_are_equal_give_the_soft_vote_and_wrong_ones_are_refused()
    {
        var set = TableFixtures.Set(3, 50, 4, 2);
        var equal = new double[3, 4];
        for (var c = 0; c < 4; c++)
        {
            (equal[0, c], equal[1, c], equal[2, c]) = (2, 2, 2);
        }

        var (soft, vote) = (Combine.SoftVote(set), Combine.PerClass(set, equal));
        Assert.Equal(soft.Predictions, vote.Predictions);
        Assert.All(Enumerable.Range(0, soft.Probabilities.Length), i => Assert.Equal(soft.Probabilities[i], vote.Probabilities[i], 1e-12));
        // Only the second model has a weight for class 1.
        (equal[0, 1], equal[2, 1]) = (0, 0);
        Assert.NotEqual(soft.Probabilities, Combine.PerClass(set, equal).Probabilities);
        Assert.Throws<RefusalException>(() => Combine.PerClass(set, new double[3, 3]));
        Assert.Throws<RefusalException>(() => Combine.PerClass(set, new double[3, 4]));
        equal[0, 0] = -1;
        Assert.Throws<RefusalException>(() => Combine.PerClass(set, equal));
    }
}

using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Ensembling.Selection;

public sealed class ExhaustiveSearchTests
{
    /// <summary>Reference in plain float64: softmax, mean and argmax in three loops.</summary>
    private static double Reference(LogitsSet set, int subset, Objective objective)
    {
        var members = SubsetScores.MembersOf(subset);
        var targets = set.RequireTargets();
        var predictions = new int[set.Rows];
        var loss = 0.0;
        for (var r = 0; r < set.Rows; r++)
        {
            var sums = new double[set.Classes];
            foreach (var m in members)
            {
                var row = set.Members[m].Row(r);
                var normaliser = Softmax.LogSumExp(row);
                for (var c = 0; c < sums.Length; c++)
                {
                    sums[c] += Math.Exp(row[c] - normaliser);
                }
            }

            predictions[r] = Array.IndexOf(sums, sums.Max());
            loss += Math.Log(sums[targets[r]] / members.Length);
        }

        return objective switch
        {
            Objective.Accuracy => ClassificationMetrics.Accuracy(predictions, targets),
            Objective.MacroF1 => ClassificationMetrics.MacroF1(predictions, targets, set.Classes),
            _ => loss / set.Rows,
        };
    }

    [Theory]
    [InlineData(1, 30, 3, 1.5)]
    [InlineData(2, 40, 2, 0.5)]
    [InlineData(3, 50, 7, 1.0)]
    [InlineData(5, 60, 17, 0.0)]
    [InlineData(6, 60, 33, 2.0)]
    [InlineData(7, 40, 150, 0.0)]
    [InlineData(7, 40, 150, 2.5)]
    public void Scores_are_those_of_a_plain_float64_reference(int models, int rows, int classes, double skill)
    {
        var set = TableFixtures.Set(models, rows, classes, models, skill);
        foreach (var objective in Enum.GetValues<Objective>())
        {
            var scores = Search.Exhaustive(set, objective).Scores;
            Assert.True(double.IsNaN(scores[0]));
            for (var s = 1; s < scores.Length; s++)
            {
                Assert.Equal(Reference(set, s, objective), scores[s], objective == Objective.Accuracy ? 0 : 1e-9);
            }
        }
    }

    [Fact]
    public void A_bad_model_among_good_ones_is_scored_correctly()
    {
        // Every class competes with the target in the bad model only, so that the looser test of grouped competitors decides most subsets.
        var tables = Enumerable.Range(0, 5).Select(m => TableFixtures.Table(40, 200, m, $"run-{m}", skill: m == 2 ? -3 : 6)).ToArray();
        var set = LogitsSet.Join(tables);
        var scores = Search.Exhaustive(set).Scores;
        for (var s = 1; s < scores.Length; s++)
        {
            Assert.Equal(Reference(set, s, Objective.Accuracy), scores[s]);
        }
    }

    [Fact]
    public void Ties_go_to_the_lowest_class_as_in_the_soft_vote()
    {
        // Logits of few values, rejected rows and copies of a model: ties everywhere.
        var chance = KeyedRandom.For(5, 0, 0, "ties");
        var tables = Enumerable.Range(0, 4).Select(m => TableFixtures.Table(80, 20, 1, $"run-{m}")).ToArray();
        foreach (var table in tables)
        {
            for (var i = 0; i < table.Logits.Length; i++)
            {
                table.Logits.Span[i] = i / 20 % 5 == 0 ? 0 : chance.NextInteger(0, 2);
            }
        }

        var set = LogitsSet.Join([.. tables, tables[0]]);
        var targets = set.RequireTargets();
        var scores = Search.Exhaustive(set).Scores;
        for (var s = 1; s < scores.Length; s++)
        {
            var vote = Combine.SoftVote(set.WithMembers(SubsetScores.MembersOf(s)));
            Assert.Equal(ClassificationMetrics.Accuracy(vote.Predictions, targets), scores[s]);
        }
    }

    [Fact]
    public void Threads_and_the_order_of_models_change_nothing()
    {
        var set = TableFixtures.Set(6, 200, 30, 3);
        foreach (var objective in Enum.GetValues<Objective>())
        {
            var serial = Search.Exhaustive(set, objective, workers: 1);
            Assert.Equal(serial.Scores, Search.Exhaustive(set, objective, workers: 3).Scores);
            var shuffled = LogitsSet.Join([.. set.Members.Reverse().Select(m => TableFixtures.Shuffled(m, 1))]);
            Assert.Equal(serial.Scores, Search.Exhaustive(shuffled, objective).Scores);
        }
    }

    [Fact]
    public void The_best_of_equals_has_the_fewest_models()
    {
        Assert.Equal(4, new SubsetScores(3, [double.NaN, 0.1, 0.2, 0.9, 0.9, 0.9, 0.3, 0.9]).Best);
        Assert.Equal(3, new SubsetScores(3, [double.NaN, 0.1, 0.2, 0.9, 0.9, 0.9, 0.3, 0.9]).BestOf(2));
    }

    [Fact]
    public void Too_many_models_are_refused()
    {
        var table = TableFixtures.Table(2, 2, 1);
        var refusal = Assert.Throws<RefusalException>(() => Search.Exhaustive(LogitsSet.Join([.. Enumerable.Repeat(table, 21)])));
        Assert.Contains("21 models have 2097152 subsets", refusal.Message, StringComparison.Ordinal);
    }
}

using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Tables;

public sealed class LogitsSetTests
{
    private static readonly LogitsTable A = TableFixtures.Table(30, 4, 1, "a");
    private static readonly LogitsTable B = TableFixtures.Table(30, 4, 2, "b");

    private static void Refused(LogitsTable a, LogitsTable b, string expected)
    {
        foreach (LogitsTable[] order in new LogitsTable[][] { [a, b], [b, a] })
        {
            var message = Assert.Throws<RefusalException>(() => LogitsSet.Join(order)).Message;
            Assert.Contains("a.parquet and b.parquet", message, StringComparison.Ordinal);
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_order_of_files_and_rows_changes_nothing()
    {
        var plain = Combine.SoftVote(LogitsSet.Join([A, B]));
        var other = Combine.SoftVote(LogitsSet.Join([TableFixtures.Shuffled(B, 3), TableFixtures.Shuffled(A, 4)]));
        Assert.Equal(plain.Probabilities, other.Probabilities);
        Assert.Equal(plain.Predictions, other.Predictions);
        var joined = LogitsSet.Join([TableFixtures.Shuffled(A, 4)]);
        Assert.Equal(A.Ids, joined.Ids);
        Assert.Equal(A.Targets, joined.Targets);
        Assert.Equal(A.ImagePaths, joined.ImagePaths);
        Assert.Equal(A.Logits.ToArray(), joined.Members[0].Logits.ToArray());
    }

    [Fact]
    public void Tables_that_disagree_are_refused_by_name()
    {
        Refused(A, B with { Metadata = B.Metadata with { ClassNames = B.Metadata.ClassNames.SetItem(2, "owl") } }, "'owl'");
        Refused(A, TableFixtures.Table(30, 5, 2, "b"), "classes");
        Refused(A, B with { Metadata = B.Metadata with { Split = "test" } }, "sketches/test");
        Refused(A, TableFixtures.Table(29, 4, 2, "b"), "id 29 is only in the first (30 and 29 rows)");
        Refused(A, B with { Ids = [.. B.Ids.Select(i => i == 7 ? 70 : i)] }, "id 7 is only in the first");
        Refused(A, B with { ImagePaths = [.. B.ImagePaths.Select((p, i) => i == 7 ? "x" : p)] }, "id 7 is 'val/7.png' in one and 'x'");
        Refused(A, B with { Targets = [.. B.Targets.Select((t, i) => i == 7 ? (t + 1) % 4 : t)] }, "the target of id 7");
        Assert.Throws<RefusalException>(() => LogitsSet.Join([]));
    }

    [Fact]
    public void A_table_with_the_same_classes_in_another_order_is_joined_by_name()
    {
        int[] order = [2, 0, 3, 1];
        var names = B.Metadata.ClassNames;
        var other = B with
        {
            Metadata = B.Metadata with { ClassNames = [.. order.Select(c => names[c])] },
            Targets = [.. B.Targets.Select(t => t is { } target ? Array.IndexOf(order, target) : default(int?))],
            Logits = Enumerable.Range(0, B.Rows).SelectMany(r => order.Select(c => B.Row(r)[c])).ToArray(),
        };
        var (expected, found) = (LogitsSet.Join([A, B]), LogitsSet.Join([A, other]));
        Assert.Equal(["b"], found.Reordered);
        Assert.Empty(expected.Reordered);
        Assert.Equal(expected.Targets, found.Targets);
        Assert.All(expected.Members.Zip(found.Members), m => Assert.Equal(m.First.Logits.ToArray(), m.Second.Logits.ToArray()));
    }

    [Fact]
    public void A_target_known_to_one_table_is_known_to_the_set()
    {
        var blind = A with { Targets = new int?[30] };
        Assert.Equal(A.Targets, LogitsSet.Join([blind, B]).Targets);
        var refusal = Assert.Throws<RefusalException>(() => LogitsSet.Join([blind]).RequireTargets());
        Assert.Contains("a.parquet has no target for id 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_weights_are_the_soft_vote_and_a_copy_of_the_only_member_changes_nothing()
    {
        var set = TableFixtures.Set(5, 60, 11, 1);
        var vote = Combine.SoftVote(set);
        var weighted = Combine.SoftVote(set, [0.3, 0.3, 0.3, 0.3, 0.3]);
        Assert.Equal(vote.Probabilities, weighted.Probabilities);
        Assert.Equal(Combine.SoftVote(LogitsSet.Join([A])).Probabilities, Combine.SoftVote(LogitsSet.Join([A, A])).Probabilities);
        Assert.Equal(Combine.SoftVote(LogitsSet.Join([A])).Predictions, Combine.SoftVote(LogitsSet.Join([A, B]), [1, 0]).Predictions);
        Assert.Throws<RefusalException>(() => Combine.SoftVote(set, [1, 1]));
        Assert.Throws<RefusalException>(() => Combine.SoftVote(set, [0, 0, 0, 0, 0]));
        Assert.Throws<RefusalException>(() => Combine.SoftVote(set, [1, 1, -1, 1, 1]));
    }

    [Fact]
    public void The_soft_vote_is_the_mean_of_float64_softmaxes()
    {
        var set = TableFixtures.Set(3, 40, 13, 1);
        var vote = Combine.SoftVote(set);
        for (var r = 0; r < set.Rows; r++)
        {
            for (var c = 0; c < set.Classes; c++)
            {
                var mean = set.Members.Average(m => Math.Exp(m.Row(r)[c] - Softmax.LogSumExp(m.Row(r))));
                Assert.Equal(mean, vote.Row(r)[c], 1e-14);
            }
        }
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(3000f)]
    [InlineData(-3e38f)]
    public void The_softmax_of_extreme_logits_is_finite(float extreme)
    {
        float[] logits = [extreme, 0, 1, 2, 3, 4, 5, 6, 7, extreme];
        var probabilities = new double[10];
        Softmax.Probabilities(logits, probabilities);
        Assert.Equal(1, probabilities.Sum(), 1e-12);
        Assert.Equal(probabilities[0], probabilities[9]);
        var whole = new long[10];
        Softmax.FixedPoint(logits, whole);
        Assert.InRange(whole.Sum(), Softmax.One - 10, Softmax.One + 10);
    }
}

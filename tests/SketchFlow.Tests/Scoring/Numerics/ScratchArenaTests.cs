using SketchFlow.Scoring.Ensembling;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Numerics;

/// <summary>Tables beyond the budget live in scratch files, and nothing that is computed from them differs.</summary>
public sealed class ScratchArenaTests
{
    private static LogitsSet Set(TemporaryFolder folder, ScratchArena room)
    {
        var tables = Enumerable.Range(0, 4).Select(m => TableFixtures.Table(90, 7, m, $"run-{m}")).ToList();
        foreach (var table in tables)
        {
            TableFixtures.Write(folder[$"{table.Metadata.Run}.parquet"], TableFixtures.Shuffled(table, 3));
        }

        return LogitsSet.Join(LogitsReader.Read([.. tables.Select(t => folder[$"{t.Metadata.Run}.parquet"])], workers: 2, room), room);
    }

    [Fact]
    public void Every_search_weight_and_vote_is_that_of_memory_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        // Nothing fits; and a budget in between, so that some tables are mapped and others not.
        foreach (var budget in new long[] { 0, 6000 })
        {
            using var room = new ScratchArena(budget, folder["scratch"]);
            var (own, mapped) = (Set(folder, ScratchArena.Memory), Set(folder, room));
            Assert.True(room.Mapped > 0);
            Assert.Equal(Temperature.Fit(own), Temperature.Fit(mapped));
            (own, mapped) = (own.Calibrated([0.5, 2, 1, 3]), mapped.Calibrated([0.5, 2, 1, 3]));
            foreach (var aim in Enum.GetValues<Objective>())
            {
                Assert.Equal(Search.Exhaustive(own, aim).Scores, Search.Exhaustive(mapped, aim).Scores);
                Assert.Equal(Search.Greedy(own, aim, 9).Steps, Search.Greedy(mapped, aim, 9).Steps);
                Assert.Equal(Search.Stepwise(own, [0], aim: aim).Steps, Search.Stepwise(mapped, [0], aim: aim).Steps);
                Assert.Equal(Search.HillClimb(own, aim: aim, parts: 16).Moves, Search.HillClimb(mapped, aim: aim, parts: 16).Moves);
            }

            Assert.Equal(WeightSearch.ByLogLoss(own), WeightSearch.ByLogLoss(mapped));
            Assert.Equal(WeightSearch.OfLogits(own), WeightSearch.OfLogits(mapped));
            Assert.Equal(WeightSearch.PerClass(own), WeightSearch.PerClass(mapped));
            Assert.Equal(Combine.SoftVote(own).Probabilities, Combine.SoftVote(mapped).Probabilities);
            Assert.Equal(Combine.RankAverage(own).Probabilities, Combine.RankAverage(mapped).Probabilities);
            var options = new StackingOptions { Strengths = [0.1], Steps = 20 };
            Assert.Equal(Stacking.CrossValidate(own, options).Model.Coefficients, Stacking.CrossValidate(mapped, options).Model.Coefficients);
            Assert.Equal(
                Resampling.HeldOutVote(own, rest => held => Combine.SoftVote(held, WeightSearch.ByLogLoss(rest))).Probabilities,
                Resampling.HeldOutVote(mapped, rest => held => Combine.SoftVote(held, WeightSearch.ByLogLoss(rest))).Probabilities);
            Assert.Equal(FoldTables.Mean([own.Members[0]]).Logits.ToArray(), FoldTables.Mean([mapped.Members[0]], room).Logits.ToArray());
        }
    }

    [Fact]
    public void Scratch_files_leave_nothing_behind_and_are_gone_after_the_room()
    {
        using var folder = new TemporaryFolder();
        Memory<float> taken;
        using (var room = new ScratchArena(100, folder["scratch"]))
        {
            Assert.Equal(20, room.Take<float>(20).Length);
            Assert.Equal(0, room.Mapped);
            taken = room.Take<float>(1000);
            Assert.Equal(4000, room.Mapped);
            taken.Span[999] = 7;
            Assert.Equal([0f, 7f], taken[998..].ToArray());
            // An inner room shares the budget and gives it back.
            using (var inner = room.Inner())
            {
                inner.Take<byte>(20);
                inner.Take<byte>(1);
                Assert.Equal(1, inner.Mapped);
            }

            room.Take<byte>(20);
            Assert.Equal(4000, room.Mapped);
            Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
        }

        Assert.Throws<ObjectDisposedException>(() => taken.Span[0]);
    }
}

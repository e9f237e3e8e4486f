using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Numerics;

/// <summary>Tables beyond the budget are in scratch files, and results computed from them are identical.</summary>
public sealed class ScratchArenaTests
{
    private static LogitsSet Set(TemporaryFolder folder, ScratchArena arena)
    {
        var tables = Enumerable.Range(0, 4).Select(m => TableFixtures.Table(90, 7, m, $"run-{m}")).ToList();
        foreach (var table in tables)
        {
            TableFixtures.Write(folder[$"{table.Metadata.Run}.parquet"], TableFixtures.Shuffled(table, 3));
        }

        return LogitsSet.Join(
            LogitsReader.Read([.. tables.Select(t => folder[$"{t.Metadata.Run}.parquet"])], new LogitsReadOptions { Workers = 2, Arena = arena }), arena);
    }

    [Fact]
    public void Every_search_weight_and_prediction_is_bit_identical_to_that_in_memory()
    {
        using var folder = new TemporaryFolder();
        // A budget of 0 maps all tables, and one in between maps some of them.
        foreach (var budget in new long[] { 0, 6000 })
        {
            using var arena = new ScratchArena(budget, folder["scratch"]);
            var (own, mapped) = (Set(folder, ScratchArena.Memory), Set(folder, arena));
            Assert.True(arena.MappedBytes > 0);
            Assert.Equal(Temperature.Fit(own), Temperature.Fit(mapped));
            (own, mapped) = (own.Calibrated([0.5, 2, 1, 3]), mapped.Calibrated([0.5, 2, 1, 3]));
            foreach (var aim in Enum.GetValues<Objective>())
            {
                Assert.Equal(Search.Exhaustive(own, aim).Scores, Search.Exhaustive(mapped, aim).Scores);
                Assert.Equal(Search.Greedy(own, aim, 9).Steps, Search.Greedy(mapped, aim, 9).Steps);
                Assert.Equal(Search.Stepwise(own, [0], objective: aim).Steps, Search.Stepwise(mapped, [0], objective: aim).Steps);
                Assert.Equal(Search.HillClimb(own, objective: aim, parts: 16).Moves, Search.HillClimb(mapped, objective: aim, parts: 16).Moves);
            }

            Assert.Equal(WeightSearch.ByLogLoss(own), WeightSearch.ByLogLoss(mapped));
            Assert.Equal(WeightSearch.ByLogLossOfLogits(own), WeightSearch.ByLogLossOfLogits(mapped));
            Assert.Equal(WeightSearch.PerClass(own), WeightSearch.PerClass(mapped));
            Assert.Equal(Combine.SoftVote(own).Probabilities, Combine.SoftVote(mapped).Probabilities);
            Assert.Equal(Combine.RankAverage(own).Probabilities, Combine.RankAverage(mapped).Probabilities);
            var options = new StackingOptions { Strengths = [0.1], Steps = 20 };
            Assert.Equal(Stacking.CrossValidate(own, options).Model.Coefficients, Stacking.CrossValidate(mapped, options).Model.Coefficients);
            Assert.Equal(
                Resampling.HeldOutPrediction(own, rest => held => Combine.SoftVote(held, WeightSearch.ByLogLoss(rest))).Probabilities,
                Resampling.HeldOutPrediction(mapped, rest => held => Combine.SoftVote(held, WeightSearch.ByLogLoss(rest))).Probabilities);
            Assert.Equal(FoldTables.Mean([own.Members[0]]).Logits.ToArray(), FoldTables.Mean([mapped.Members[0]], arena).Logits.ToArray());
        }
    }

    [Fact]
    public void Scratch_files_leave_nothing_behind_and_are_gone_after_the_arena()
    {
        using var folder = new TemporaryFolder();
        Memory<float> taken;
        using (var arena = new ScratchArena(100, folder["scratch"]))
        {
            Assert.Equal(20, arena.Allocate<float>(20).Length);
            Assert.Equal(0, arena.MappedBytes);
            taken = arena.Allocate<float>(1000);
            Assert.Equal(4000, arena.MappedBytes);
            taken.Span[999] = 7;
            Assert.Equal([0f, 7f], taken[998..].ToArray());
            // A child arena shares the budget and returns it.
            using (var child = arena.CreateChild())
            {
                child.Allocate<byte>(20);
                child.Allocate<byte>(1);
                Assert.Equal(1, child.MappedBytes);
            }

            arena.Allocate<byte>(20);
            Assert.Equal(4000, arena.MappedBytes);
            Assert.Empty(Directory.EnumerateFiles(folder["scratch"]));
        }

        Assert.Throws<ObjectDisposedException>(() => taken.Span[0]);
    }
}

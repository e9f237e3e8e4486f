using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Scoring.Tables;

public sealed class FoldTablesTests
{
    private static LogitsTable Fold(int fold, Func<long, bool> has)
    {
        var set = LogitsSet.Join([TableFixtures.Table(30, 4, 1)]);
        var table = set.WithRows([.. Enumerable.Range(0, 30).Where(r => has(r))]).Members[0];
        return table with { Source = $"fold-{fold}", Metadata = table.Metadata with { Fold = fold } };
    }

    [Fact]
    public void Out_of_fold_tables_make_the_whole_table()
    {
        var whole = TableFixtures.Table(30, 4, 1);
        var joined = FoldTables.OutOfFold([Fold(2, id => id % 3 == 2), Fold(0, id => id % 3 == 0), Fold(1, id => id % 3 == 1)]);
        Assert.Equal(whole.Ids, joined.Ids);
        Assert.Equal(whole.Logits.ToArray(), joined.Logits.ToArray());
        Assert.Equal(whole.Targets, joined.Targets);
        Assert.Null(joined.Metadata.Fold);
    }

    [Fact]
    public void A_row_in_two_folds_a_fold_twice_and_another_run_are_refused()
    {
        string Refused(Action combine) => Assert.Throws<RefusalException>(combine).Message;
        Assert.Contains("id 0 twice", Refused(() => FoldTables.OutOfFold([Fold(0, _ => true), Fold(1, id => id == 0)])), StringComparison.Ordinal);
        Assert.Contains("both fold 1", Refused(() => FoldTables.Mean([Fold(1, _ => true), Fold(1, _ => true)])), StringComparison.Ordinal);
        var other = Fold(2, _ => true);
        Assert.Throws<RefusalException>(() => FoldTables.Mean([Fold(1, _ => true), other with { Metadata = other.Metadata with { Run = "b" } }]));
        Assert.Throws<RefusalException>(() => FoldTables.Mean([]));
    }

    [Fact]
    public void The_mean_of_folds_is_the_mean_of_their_logits()
    {
        var (a, b) = (Fold(0, _ => true), TableFixtures.Shuffled(Fold(1, _ => true), 1));
        b = b with { Logits = b.Logits.ToArray().Select(x => x + 1).ToArray() };
        var mean = FoldTables.Mean([b, a]);
        Assert.Equal(a.Ids, mean.Ids);
        Assert.All(Enumerable.Range(0, a.Logits.Length), i => Assert.Equal(a.Logits.Span[i] + 0.5, mean.Logits.Span[i], 1e-5));
    }

    [Fact]
    public void Joined_folds_keep_the_set_of_their_checkpoints_and_nothing_that_is_of_one_fold()
    {
        LogitsTable Of(int fold, string? checkpoint) => Fold(fold, id => id % 2 == fold) is var t
            ? t with { Metadata = t.Metadata with { CheckpointSha256 = checkpoint, RowsSha256 = "r", Temperature = 2, DatasetSha256 = "d" } }
            : null!;
        var joined = FoldTables.OutOfFold([Of(0, "bb"), Of(1, "aa")]).Metadata;
        Assert.Equal(("aa+bb", "d", null, null), (joined.CheckpointSha256, joined.DatasetSha256, joined.RowsSha256, joined.Temperature));
        Assert.Null(FoldTables.OutOfFold([Of(0, "bb"), Of(1, null)]).Metadata.CheckpointSha256);
        var (a, b) = (Fold(0, _ => true), Fold(1, _ => true));
        b = b with { Metadata = b.Metadata with { CheckpointSha256 = new string('b', 64) } };
        Assert.Equal($"{new string('a', 64)}+{new string('b', 64)}", FoldTables.Mean([b, a]).Metadata.CheckpointSha256);
        // Each fold may measure its own mean and deviation; a set agrees when all its preprocessings do.
        var other = b with { Metadata = b.Metadata with { Preprocessing = "stretch" } };
        Assert.Equal("letterbox 224 | normalise + stretch", FoldTables.Mean([other, a]).Metadata.Preprocessing);
        Assert.Throws<RefusalException>(() => FoldTables.Mean([a, b with { Metadata = b.Metadata with { Tta = "hflip" } }]));
    }
}

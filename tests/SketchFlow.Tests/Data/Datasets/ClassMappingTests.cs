using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Datasets;

public class ClassMappingTests
{
    private const string Fix = "Use other data.";

    [Property]
    public Property Values_follow_their_names_into_any_order(PositiveInt count, int seed)
    {
        string[] source = [.. Enumerable.Range(0, 1 + (count.Get % 50)).Select(i => $"class {i}")];
        string[] target = [.. source];
        new Random(seed).Shuffle(target);
        var mapping = ClassMapping.Between(source, target, "a", "b", Fix);
        var mapped = new string[source.Length];
        mapping.Apply<string>(source, mapped);
        return mapped.SequenceEqual(target).And(mapping.IsIdentity == source.SequenceEqual(target));
    }

    [Fact]
    public void Names_that_only_one_side_has_are_stated()
    {
        var refused = Assert.Throws<RefusalException>(
            () => ClassMapping.Between(["cat", "cow", "dog"], ["cat", "ant", "dog", "elk", "fox", "gnu"], "the run a", "the data set pets", Fix));
        Assert.Equal(
            "The run a has 3 classes and the data set pets has 6, expected the same names: only the run a has 'cow'; "
            + "only the data set pets has 'ant', 'elk', 'fox' and 1 more. Use other data.",
            refused.Message);
    }

    [Fact]
    public void A_data_set_in_another_class_order_has_the_same_class_names_in_every_row()
    {
        var data = new DataSet
        {
            Name = "d",
            Root = "/d",
            Layout = DataSetLayout.Folders,
            Classes = ["a", "b", "c"],
            Train = [new Sample(0, "0", "0", 0), new Sample(1, "1", "1", 1), new Sample(2, "2", "2", 2), new Sample(3, "3", "3", null)],
        };
        var other = data.WithClassOrder(["c", "a", "b"], "the run a");
        Assert.Equal(["c", "a", "b"], other.Classes);
        Assert.Equal(["a", "b", "c", null], other.Train.Select(s => s.Target is { } t ? other.Classes[t] : null));
        Assert.Equal(DataSetFingerprint.Compute(data), DataSetFingerprint.Compute(other));
        Assert.Throws<RefusalException>(() => data.WithClassOrder(["c", "a", "x"], "the run a"));
    }
}

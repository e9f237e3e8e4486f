using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs;

public class RunSplitTests
{
    private static readonly DataSet _data = Data("a/1.png", "a/2.png", "b/1, \"x\".png", "b/2.png", "b/2.png");

    [Fact]
    public void Rows_are_read_as_they_were_written()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Root);
        var split = RunSplit.From(_data, _data.Train.Take(3), _data.Train.Skip(3));
        split.Write(run);
        var read = RunSplit.Read(run)!;
        Assert.Equal(split.Train, read.Train);
        Assert.Equal(split.Validation, read.Validation);
        Assert.Equal(split.Fingerprint, read.Fingerprint);
        Assert.Null(RunSplit.Read(new RunFolder(Path.Combine(folder.Root, "other"))));
    }

    [Fact]
    public void Rows_are_found_again_after_images_were_added_removed_and_relabelled()
    {
        var split = RunSplit.From(_data, _data.Train.Take(2), _data.Train.Skip(2));
        var located = split.Locate(_data);
        Assert.Equal((2, 3, 0, 0, 0), (located.Train.Length, located.Validation.Length, located.MissingValidation.Length, located.Relabelled, located.Added));
        Assert.Empty(located.Describe("r", "d"));

        var changed = Data("a/0.png", "a/1.png", "a/2.png", "b/2.png");
        changed = changed with { Train = changed.Train.SetItem(3, changed.Train[3] with { Target = 0 }) };
        located = split.Locate(changed);
        Assert.Equal(["a/1.png", "a/2.png"], located.Train.Select(s => s.ImagePath));
        Assert.Equal([3L], located.Validation.Select(s => s.Id));
        Assert.Equal(["b/1, \"x\".png"], located.MissingValidation.Select(r => r.ImagePath));
        Assert.Equal(3, located.Describe("r", "d").Count());
        Assert.Contains("b/1, \"x\".png", located.Describe("r", "d").First(), StringComparison.Ordinal);
        Assert.False(split.Locate(Data("c/1.png")).IsFound);
    }

    [Fact]
    public void The_rows_of_an_own_validation_part_are_told_from_training_rows_of_the_same_path()
    {
        var data = Data("a/1.png", "b/1.png") with { Validation = [new Sample(0, "a/1.png", "/val/a/1.png", 0)] };
        var split = RunSplit.From(data, data.Train, data.Validation);
        Assert.Equal("/val/a/1.png", Assert.Single(split.Locate(data).Validation).File);
    }

    [Theory]
    [InlineData("split,table,id\ntrain,train,0\n")]
    [InlineData("split,table,id,image_path,class_name\nnone,train,0,a,b\n")]
    [InlineData("split,table,id,image_path,class_name\ntrain,train,x,a,b\n")]
    [InlineData("")]
    public void A_damaged_table_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Root);
        File.WriteAllText(run.Rows, text);
        Assert.Contains("rows.csv", Assert.Throws<RefusalException>(() => RunSplit.Read(run)).Message, StringComparison.Ordinal);
    }

    private static DataSet Data(params string[] paths) => new()
    {
        Name = "d",
        Root = "/d",
        Layout = DataSetLayout.Folders,
        Classes = ["a", "b"],
        Train = [.. paths.Select((p, i) => new Sample(i, p, "/train/" + p, p[0] == 'a' ? 0 : 1))],
    };
}

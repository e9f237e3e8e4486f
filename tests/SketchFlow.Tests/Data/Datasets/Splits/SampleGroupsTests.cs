using SketchFlow.Data.Datasets;
using SketchFlow.Data.Datasets.Splits;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Data.Datasets.Splits;

public class SampleGroupsTests
{
    [Fact]
    public void A_column_groups_rows_and_a_row_without_a_value_is_a_group_of_its_own()
    {
        using var folder = Competition("photo,class_name,image_path,target\np1,a,a/1.png,0\np1,b,b/1.png,1\n,a,a/2.png,0\np2,b,b/2.png,1\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["photo"], data.TrainColumns.Select(c => c.Name));
        var groups = SampleGroups.ByColumn(data, "photo");
        Assert.Equal(["p1", "p1", null, "p2"], data.Train.Select(groups.NameOf));
        Assert.Equal("3 of 4 images in 2 groups by column photo; 1 without a group are groups of their own", groups.ToString());
        Assert.Equal(["p1", "p1", null, "p2"], data.Train.Select(SampleGroups.ByColumn(data, "Photo").NameOf));
    }

    [Theory]
    [InlineData("photo,artist,class_name,image_path,target\np,x,a,1.png,0\n", "foto", "no column foto to group by, found photo, artist;")]
    [InlineData("photo,class_name,image_path,target\np,a,1.png,0\n", "target", "no column target to group by, found photo;")]
    [InlineData("class_name,image_path,target\na,1.png,0\n", "photo", "has no column to group by, expected photo;")]
    [InlineData("photo,photo,class_name,image_path,target\np,q,a,1.png,0\n", "photo", "has the column photo 2 times;")]
    [InlineData("photo,class_name,image_path,target\n,a,1.png,0\n", "photo", "has no value in any row;")]
    public void A_column_that_cannot_be_used_is_refused_with_the_columns_there_are(string table, string column, string sentence)
    {
        using var folder = Competition(table);
        var data = DataSetReader.Read(folder.Root);
        Assert.Contains(sentence, Assert.Throws<RefusalException>(() => SampleGroups.ByColumn(data, column)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_a_folder_per_class_is_refused()
    {
        using var folder = new TemporaryFolder().With("a/1.png").With("b/1.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Contains("has no train.csv", Assert.Throws<RefusalException>(() => SampleGroups.ByColumn(data, "photo")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"^(.+)-\d+\.", "n01_7|n01_7|n02_1|")]
    [InlineData(@"^(?<photo>n\d+)_", "n01|n01|n02|")]
    [InlineData(@"^n\d+", "n01|n01|n02|")]
    [InlineData(@"^(?:(n01)|(n02))_", "n01|n01|n02|")]
    [InlineData(@"^n01(x?)", "|||")]
    public void A_pattern_groups_by_its_first_capture_or_the_whole_match_of_the_file_name(string pattern, string expected)
    {
        Sample[] samples = [Row(0, "n09/n01_7-1.png"), Row(1, @"n09\n01_7-2.png"), Row(2, "n02_1-3.png"), Row(3, "n01/other.png")];
        if (expected == "|||")
        {
            Assert.Throws<RefusalException>(() => SampleGroups.ByPattern(samples, pattern));
            return;
        }

        var groups = SampleGroups.ByPattern(samples, pattern);
        Assert.Equal(expected.Split('|'), samples.Select(s => groups.NameOf(s) ?? ""));
        Assert.Equal((4, 2, 1), (groups.Rows, groups.Groups, groups.Ungrouped));
    }

    [Fact]
    public void A_pattern_that_cannot_be_used_is_refused_with_an_example()
    {
        static string Refusal(string name, string pattern) =>
            Assert.Throws<RefusalException>(() => SampleGroups.ByPattern([Row(0, name)], pattern)).Message;

        Assert.Contains(
            "matches none of the 1 file names, such as sketch_1.png; expected a regular expression whose first capture is the group, such as",
            Refusal("banana/sketch_1.png", "^photo"), StringComparison.Ordinal);
        Assert.Contains("is not a regular expression (", Refusal("1.png", "("), StringComparison.Ordinal);
        Assert.Contains("needs more than 1 s for the file name", Refusal(new string('a', 60) + "!", "^(a+)+$"), StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_of_copies_are_named_by_their_first_path()
    {
        Sample[] samples = [Row(0, "b.png"), Row(1, "a.png"), Row(2, "c.png")];
        var groups = SampleGroups.From([[samples[0], samples[1]]], 3, "twins");
        Assert.Equal(["a.png", "a.png", null], samples.Select(groups.NameOf));
    }

    [Fact]
    public void No_photo_of_sketchy_is_on_both_sides_of_a_split_or_a_fold()
    {
        var data = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "sketchy125"));
        var groups = SampleGroups.ByColumn(data, "photo");
        var photos = data.TrainColumns.Single(c => c.Name == "photo").Values;
        Assert.Equal(0, groups.Ungrouped);
        var split = HashSplit.Split(data.Train, 0.2, 1, groups.NameOf);
        foreach (var part in HashFolds.Split(data.Train, 5, 1, groups.NameOf).Append(split))
        {
            Assert.Empty(part.Train.Select(s => photos[(int)s.Id]).Intersect(part.Validation.Select(s => photos[(int)s.Id]), StringComparer.Ordinal));
            Assert.Equal(data.Classes.Length, part.Train.Select(s => s.Target).Distinct().Count());
        }

        // Classes have two to four photos, too few for one of each to be validated on.
        Assert.InRange(split.Validation.Length / (double)data.Train.Length, 0.17, 0.25);
        var ungrouped = HashSplit.Split(data.Train, 0.2, 1);
        Assert.NotEmpty(ungrouped.Train.Select(s => photos[(int)s.Id]).Intersect(ungrouped.Validation.Select(s => photos[(int)s.Id]), StringComparer.Ordinal));
    }

    private static TemporaryFolder Competition(string train) => new TemporaryFolder().With("train.csv", train).WithFolder("train");

    private static Sample Row(long id, string path) => new(id, path, $"/none/{path}", 0);
}

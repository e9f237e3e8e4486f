using System.Text;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Data.Datasets;

public class DataSetReaderTests
{
    [Fact]
    public void The_sketches_of_PACS_are_recognised()
    {
        var data = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));

        Assert.Equal("pacs-sketch: 7 classes, 2358 train, 1571 test", data.ToString());
        Assert.Equal(DataSetLayout.Competition, data.Layout);
        Assert.Equal(["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"], data.Classes);
        Assert.Equal(Enumerable.Range(0, 2358).Select(i => (long)i), data.Train.Select(s => s.Id));
        Assert.All(data.Train, s => Assert.Equal(data.Classes[s.Target!.Value], s.ImagePath.Split('/')[0]));
        Assert.All(data.Train.Concat(data.Test), s => Assert.True(File.Exists(s.File), s.File));
        Assert.Equal((0L, "0.png", (int?)null), (data.Test[0].Id, data.Test[0].ImagePath, data.Test[0].Target));
    }

    [Fact]
    public void The_same_sketches_as_folders_give_the_same_classes()
    {
        var pacs = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));
        var folders = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch", "train"));

        Assert.Equal(DataSetLayout.Folders, folders.Layout);
        Assert.Equal(pacs.Classes, folders.Classes);
        Assert.Equal(pacs.Train.Select(s => (s.File, s.Target)).Order(), folders.Train.Select(s => (s.File, s.Target)).Order());
    }

    [Fact]
    public void Columns_are_found_by_name_in_any_order_among_others()
    {
        using var folder = Competition("author,target,image_path,class_name\nme,1,b/1.png,b\nme,0,a/1.png,a\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["a", "b"], data.Classes);
        Assert.Equal([(0L, 1, "b/1.png"), (1L, 0, "a/1.png")], data.Train.Select(s => (s.Id, s.Target!.Value, s.ImagePath)));
    }

    [Fact]
    public void A_byte_order_mark_CRLF_and_quotes_are_read_as_meant()
    {
        using var folder = Competition("");
        File.WriteAllText(
            Path.Combine(folder.Root, "train.csv"),
            "class_name,image_path,target\r\n\"bow, \"\"tied\"\"\",bow/1.png,0\r\n\r\nbell,\"bell/1, old.png\",1\r\n",
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["bow, \"tied\"", "bell"], data.Classes);
        Assert.Equal(["bow/1.png", "bell/1, old.png"], data.Train.Select(s => s.ImagePath));
        Assert.Equal(0, data.Faults);
    }

    [Theory]
    [InlineData("c,c/9.png,x", "target \"x\" is not a whole number")]
    [InlineData("c,c/9.png,", "target \"\" is not a whole number")]
    [InlineData("c,c/9.png,1.5", "target \"1.5\" is not a whole number")]
    [InlineData("c,c/9.png,-1", "target -1 is negative")]
    [InlineData("c,c/9.png,2000000000", "target 2000000000 is not a class number below 100000")]
    [InlineData("a,a/9.png,1", "target 1 is class \"b\" and the row says \"a\"")]
    [InlineData("a,a/9.png,7", "target 7 is given to class \"a\" in this row only, and that class has another")]
    [InlineData("a,,0", "no image path")]
    [InlineData("a", "the row has 1 fields, and 3 are needed")]
    [InlineData("a,/etc/passwd,0", "the image path is absolute, and paths are relative to train/")]
    [InlineData(@"a,C:\x.png,0", "the image path is absolute, and paths are relative to train/")]
    [InlineData("a,../secret.png,0", "the image path leaves train/")]
    [InlineData("a,train/../../secret.png,0", "the image path leaves train/")]
    [InlineData("a,../train.png/x,0", "the image path leaves train/")]
    [InlineData(@"a,..\secret.png,0", "the image path leaves train/")]
    public void A_bad_row_keeps_its_place_and_leaves_the_others_usable(string row, string fault)
    {
        using var folder = Competition($"class_name,image_path,target\na,a/1.png,0\n{row}\nb,b/1.png,1\na,a/2.png,0\nb,b/2.png,1\n");
        var data = DataSetReader.Read(folder.Root);

        Assert.Equal([0L, 1, 2, 3, 4], data.Train.Select(s => s.Id));
        Assert.Equal([null, fault, null, null, null], data.Train.Select(s => s.Fault));
        Assert.Equal([0, null, 1, 0, 1], data.Train.Select(s => s.Target));
        Assert.Equal(["a", "b"], data.Classes);
        Assert.Equal(1, data.Faults);
        Assert.EndsWith("5 train, 1 test, 1 of them unusable", data.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gaps_between_targets_are_named_by_number()
    {
        using var folder = Competition("class_name,image_path,target\na,a/1.png,0\nd,d/1.png,3\n,e/1.png,4\n");
        Assert.Equal(["a", "class 1", "class 2", "d", "class 4"], DataSetReader.Read(folder.Root).Classes);
    }

    [Fact]
    public void Two_classes_may_have_one_name()
    {
        using var folder = Competition("class_name,image_path,target\ncrane,0/1.png,0\ncrane,0/2.png,0\ncrane,1/1.png,1\ncrane,1/2.png,1\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["crane", "crane"], data.Classes);
        Assert.Equal(0, data.Faults);
    }

    [Fact]
    public void Paths_may_or_may_not_begin_with_their_folder()
    {
        const string Train = "class_name,image_path,target\na,train/a/1.png,0\na,a/2.png,0\ntrain,train/3.png,1\n";
        using var folder = Competition(Train, "image_path\ntest/0.png\n1.png\n")
            .With("train/a/1.png").With("train/a/2.png").With("train/train/3.png").With("test/0.png").With("test/1.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.All(data.Train.Concat(data.Test), s => Assert.True(File.Exists(s.File), s.File));
        Assert.Equal(["train/a/1.png", "a/2.png", "train/3.png", "test/0.png", "1.png"], data.Train.Concat(data.Test).Select(s => s.ImagePath));
    }

    [Theory]
    [InlineData("class_name,target\na,1\n", "has no column image_path: found class_name, target, expected class_name, image_path, target")]
    [InlineData("class_name,image_path,target,target\na,1.png,1,2\n", "has the column target 2 times")]
    [InlineData("class_name;target\na;1\n", "has no column image_path: found class_name, target, expected class_name, image_path, target")]
    [InlineData("image_path\n1.png\n", "has no column of classes: found image_path, expected one such as label, class or target")]
    [InlineData("", "is empty")]
    [InlineData("class_name,image_path,target\n", "has a header and no row")]
    [InlineData("class_name,image_path,target\na,1.png,?\n", "none that can be used (the first: target \"?\" is not a whole number)")]
    [InlineData("class_name,image_path,target\n\"a,1.png,1\nb,2.png,1\n", "a quote that is not closed")]
    public void A_table_that_cannot_be_read_is_refused_by_name(string table, string sentence)
    {
        using var folder = Competition(table);
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(folder.Root, "train.csv"), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_parts_are_refused_by_name()
    {
        void Refused(TemporaryFolder folder, string sentence)
        {
            using (folder)
            {
                Assert.Contains(sentence, Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
            }
        }

        const string Table = "class_name,image_path,target\na,1.png,0\n";
        Refused(new TemporaryFolder(), "holds nothing, but a data set is");
        Refused(new TemporaryFolder().With("readme.txt").WithFolder("pictures"), "holds pictures/, readme.txt, but a data set is");
        Refused(new TemporaryFolder().With("test.csv").WithFolder("test"), "There is no ");
        Refused(new TemporaryFolder().With("train.csv", Table), "no folder train/");
        Refused(new TemporaryFolder().With("train.csv", Table).WithFolder("train").WithFolder("test"), "test.csv, though");
        Refused(new TemporaryFolder().With("train.csv", Table).WithFolder("train").With("test.csv", "image_path\n"), "no folder test/");
        Refused(
            new TemporaryFolder().With("train.csv", Table).WithFolder("train").With("test/1.png").With("test.csv", "width\n640\n"),
            "no column of images: found width");
        Refused(new TemporaryFolder().With("data/train-00000-of-00001.parquet"), "train-00000-of-00001.parquet is a damaged Parquet file");
        Refused(new TemporaryFolder().With("train/a/1.png").With("val/b/1.png"), "has a class \"b\" that is missing from train/ (train/ has 1: a)");
        Refused(new TemporaryFolder().With("a/1.png").With("val/1.png"), "no folder train/");
        Assert.Contains("There is no folder", Assert.Throws<RefusalException>(() => DataSetReader.Read("/none/such")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_per_class_is_recognised_with_its_splits()
    {
        using var folder = new TemporaryFolder()
            .With("train/b/2.JPEG").With("train/b/10.png").With("train/B/1.webp").With("train/b/notes.txt").With("train/b/._2.png").WithFolder("train/empty")
            .With("val/b/1.gif").With("test/7.bmp").With("test/b/8.tiff");
        var data = DataSetReader.Read(folder.Root);

        Assert.Equal(DataSetLayout.Folders, data.Layout);
        Assert.Equal(["B", "b"], data.Classes);
        Assert.Equal([(0L, "B/1.webp", 0), (1L, "b/10.png", 1), (2L, "b/2.JPEG", 1)], data.Train.Select(s => (s.Id, s.ImagePath, s.Target!.Value)));
        Assert.Equal([(0L, "b/1.gif", 1)], data.Validation.Select(s => (s.Id, s.ImagePath, s.Target!.Value)));
        Assert.Equal([(0L, "7.bmp", (int?)null), (1L, "b/8.tiff", 1)], data.Test.Select(s => (s.Id, s.ImagePath, s.Target)));
        Assert.All(data.Train.Concat(data.Validation).Concat(data.Test), s => Assert.True(File.Exists(s.File), s.File));
    }

    [Fact]
    public void Class_folders_may_be_at_the_top()
    {
        using var folder = new TemporaryFolder().With("n02/1.JPEG").With("n01/1.JPEG").With("README.md");
        var data = DataSetReader.Read(folder.Root + "/");
        Assert.Equal((Path.GetFileName(folder.Root), folder.Root), (data.Name, data.Root));
        Assert.Equal(["n01", "n02"], data.Classes);
        Assert.Equal(["n01/1.JPEG", "n02/1.JPEG"], data.Train.Select(s => s.ImagePath));
    }

    [Theory]
    [InlineData("image_path,id\nb.png,7\na.png,x1\n", "7 x1")]
    [InlineData("ID,image_path\n7,b.png\n8,a.png\n", "7 8")]
    [InlineData("ImageId,image_path\n7,b.png\n8,a.png\n", "7 8")]
    [InlineData("row_id,id_code,id,image_path\n1,2,3,b.png\n4,5,6,a.png\n", "3 6")]
    [InlineData("video_id,image_path\n7,b.png\n7,a.png\n", "- -")]
    [InlineData("image_path\nb.png\na.png\n", "- -")]
    public void Ids_of_the_test_table_are_read_from_a_column_that_is_called_so(string test, string ids)
    {
        using var folder = Competition("class_name,image_path,target\na,1.png,0\n", test);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(ids, string.Join(' ', data.Test.Select(s => s.SubmissionId ?? "-")));
        Assert.Equal(["b.png", "a.png"], data.Test.Select(s => s.ImagePath));
        Assert.Equal([0L, 1], data.Test.Select(s => s.Id));
    }

    [Theory]
    [InlineData("id,image_path\n7,b.png\n7,a.png\n", "has the value 7 twice in the column id (row 2)")]
    [InlineData("id,image_path\n7,b.png\n,a.png\n", "has no value in the column id (row 2)")]
    public void Ids_of_the_test_table_must_be_unique(string test, string sentence)
    {
        using var folder = Competition("class_name,image_path,target\na,1.png,0\n", test);
        Assert.Contains(sentence, Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Further_columns_of_the_training_table_are_kept_in_order()
    {
        using var folder = Competition("author,target,,image_path,photo,class_name\nme,1,x,b/1.png,p1,b\n,0,y,a/1.png,p2,a\nyou,0\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["author: me,,you", "photo: p1,p2,"], data.TrainColumns.Select(c => $"{c.Name}: {string.Join(',', c.Values)}"));
    }

    private static TemporaryFolder Competition(string train, string test = "image_path\n0.png\n") =>
        new TemporaryFolder().With("train.csv", train).WithFolder("train").With("test.csv", test).WithFolder("test");
}

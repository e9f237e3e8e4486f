using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Tables with the columns, folders and labels that competitions use.</summary>
public class TablesLayoutTests
{
    private static readonly string[] _imageNames =
        ["id", "Id", "ID", "image", "Image_ID", "image-id", "imageId", "img", "img_id", "file",
         "FileName", "file_name", "path", "filepath", "image name", "uuid", "id_code"];

    private static readonly string[] _labelNames =
        ["label", "LABEL", "labels", "class", "Class", "target", "category", "y", "class_name", "Label Name", "breed", "species", "diagnosis", "anything"];

    [Property(MaxTest = 60)]
    public void Any_order_and_spelling_of_the_columns_gives_the_same_data_set(int seed, bool withIndex, bool withExtension)
    {
        var random = KeyedRandom.For(seed, 0, 0, "tables");
        var (image, label) = (_imageNames[random.NextInteger(0, _imageNames.Length)], _labelNames[random.NextInteger(0, _labelNames.Length)]);
        var columns = new List<(string Name, Func<int, string> Value)>
        {
            (image, i => withExtension ? $"{i:000}.png" : $"{i:000}"), (label, i => i % 3 == 0 ? "owl" : i % 3 == 1 ? "big cat" : "=fox"),
        };
        if (withIndex)
        {
            columns.Add((random.NextInteger(0, 2) == 0 ? "Unnamed: 0" : "", i => $"{i}"));
        }

        columns = [.. columns.OrderBy(_ => random.NextBits())];
        var separator = new[] { ",", ";", "\t", "|" }[random.NextInteger(0, 4)];
        using var folder = Images(9, "train/{0:000}.png").With(
            "train.csv",
            string.Join(separator, columns.Select(c => c.Name)) + "\n"
            + string.Concat(Enumerable.Range(0, 9).Select(i => string.Join(separator, columns.Select(c => c.Value(i))) + "\n")));
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(DataSetLayout.Competition, data.Layout);
        Assert.Equal(["=fox", "big cat", "owl"], data.Classes);
        Assert.Equal(Enumerable.Range(0, 9).Select(i => ($"{i:000}.png", folder[$"train/{i:000}.png"])), data.Train.Select(s => (s.ImagePath, s.File)));
        Assert.Equal(Enumerable.Range(0, 9).Select(i => (int?)(i % 3 == 0 ? 2 : i % 3 == 1 ? 1 : 0)), data.Train.Select(s => s.Target));
        Assert.Equal(0, data.Faults);
        Assert.Equal(withIndex ? 1 : 0, data.NotUsed.Split("1 column of row numbers (train.csv: ").Length - 1);
    }

    [Theory]
    [InlineData("train.csv", "train/1.png")]
    [InlineData("train_labels.csv", "train_images/1.jpg")]
    [InlineData("labels.csv", "train/1.jpeg")]
    [InlineData("train_df.csv", "images/1.png")]
    [InlineData("train.tsv", "images/train/1.png")]
    [InlineData("Train_Labels.csv", "Train_Images/1.png")]
    [InlineData("labels.csv", "images/1.webp")]
    [InlineData("train.csv", "train/train/1.png")]
    [InlineData("train.csv", "train/deep/1.png")]
    [InlineData("train.csv", "1.png")]
    public void Tables_and_folders_are_found_by_their_usual_names(string table, string image)
    {
        var separator = table.EndsWith("tsv", StringComparison.Ordinal) ? '\t' : ',';
        using var folder = new TemporaryFolder().With(table, "id,label\n1,a\n2,b\n".Replace(',', separator))
            .With(image).With(image.Replace("1.", "2.", StringComparison.Ordinal));
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal((2, 0, DataSetLayout.Competition), (data.Train.Length, data.Faults, data.Layout));
        Assert.Equal(folder[image], data.Train[0].File);
        Assert.Equal("", data.NotUsed);
    }

    [Theory]
    [InlineData("id,label\n0,7\n1,7\n2,3\n", "3 7", "7 7 3")]
    [InlineData("id,label\n0,7.0\n1,7\n2,3.0\n", "3 7", "7 7 3")]
    [InlineData("id,label\n0,10\n1,9\n2,-1\n", "-1 9 10", "10 9 -1")]
    [InlineData("id,label\n0,07\n1,07\n2,03\n", "03 07", "07 07 03")]
    public void Whole_numbers_are_classes_in_their_order(string table, string classes, string labels)
    {
        using var folder = Images(3, "train/{0}.png").With("train.csv", table);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(classes.Split(' '), data.Classes);
        Assert.Equal(labels.Split(' '), data.Train.Select(s => data.Classes[s.Target!.Value]));
    }

    [Fact]
    public void A_name_and_its_number_are_one_class()
    {
        using var folder = Images(3, "train/{0}.png").With("train.csv", "image,label,class_name\n0,2,ant\n1,1,cat\n2,2,ant\n");
        Assert.Equal(["cat", "ant"], DataSetReader.Read(folder.Root).Classes);
    }

    [Fact]
    public void One_column_for_each_class_is_a_class_and_several_labels_are_refused()
    {
        using var folder = Images(3, "images/Train_{0}.jpg").With("train.csv", "image_id,healthy,rust,scab\nTrain_0,0,1,0\nTrain_1,1,0,0\nTrain_2,0,0,1\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["healthy", "rust", "scab"], data.Classes);
        Assert.Equal([1, 0, 2], data.Train.Select(s => s.Target!.Value));
        folder.With("train.csv", "image_id,healthy,rust,scab\nTrain_0,0,1,1\nTrain_1,1,0,0\nTrain_2,0,0,1\n");
        Assert.Contains("images with several labels are not supported", Refused(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_of_Image_and_Id_is_the_class()
    {
        using var folder = Images(3, "train/{0}.jpg").With("train.csv", "Image,Id\n0.jpg,w_1\n1.jpg,new_whale\n2.jpg,w_1\n");
        Assert.Equal(["new_whale", "w_1"], DataSetReader.Read(folder.Root).Classes);
    }

    [Fact]
    public void An_ambiguous_column_is_refused_by_name_and_the_option_decides()
    {
        using var folder = Images(4, "train/{0}.png").With("train.csv", "image_id,dx,site\n0,nv,arm\n1,mel,leg\n2,nv,leg\n3,mel,arm\n");
        Assert.Contains(
            "each of the columns dx, site may be the class; choose one with --set data.label_column=dx.", Refused(folder), StringComparison.Ordinal);
        Assert.Equal(["mel", "nv"], DataSetReader.Read(folder.Root, new DataSetOptions { LabelColumn = "DX" }).Classes);
        folder.With("train.csv", "id,file,label\n0,1,a\n1,2,b\n2,3,a\n3,0,b\n");
        Assert.Contains("name different images; choose one with --set data.image_column=file", Refused(folder), StringComparison.Ordinal);
        var data = DataSetReader.Read(folder.Root, new DataSetOptions { ImageColumn = "id" });
        Assert.Equal(["0.png", "1.png", "2.png", "3.png"], data.Train.Select(s => s.ImagePath));
        folder.With("train.csv", "id,label,category\n0,a,x\n1,b,y\n2,a,y\n3,b,x\n");
        Assert.Contains("each of the columns label, category may be the class", Refused(folder), StringComparison.Ordinal);
        Assert.Contains(
            "has no column nope, which data.label_column names", Assert.Throws<RefusalException>(
                () => DataSetReader.Read(folder.Root, new DataSetOptions { LabelColumn = "nope" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,label\n../secret,a\n0,b\n", "leaves train/")]
    [InlineData("id,label\n/etc/passwd,a\n0,b\n", "the image path is absolute")]
    [InlineData("id,label\n9,a\n0,b\n", "there is no image \"9\" in train/")]
    [InlineData("id,label\n,a\n0,b\n", "no image path")]
    [InlineData("id,label\n1,\n0,b\n", "no class in the column label")]
    [InlineData("id,label\n2,a\n0,b\n", "several images are called \"2\"")]
    public void A_row_that_cannot_be_used_keeps_its_place(string table, string fault)
    {
        using var folder = Images(3, "train/{0}.png").With("train/2.jpg").With("secret.png").With("train.csv", table);
        var data = DataSetReader.Read(folder.Root);
        Assert.Contains(fault, data.Train[0].Fault, StringComparison.Ordinal);
        Assert.Equal((null, 1), (data.Train[1].Fault, data.Faults));
    }

    [Theory]
    [InlineData("id,label\n0,0.5\n1,0.25\n", "has numbers such as 0.5 in the column label")]
    [InlineData("id,label\n7,a\n8,b\n", "none that can be used (the first: there is no image \"7\"")]
    [InlineData("id,label\n", "a header and no row")]
    [InlineData("id,label,Label\n0,a,b\n", "has the column label 2 times")]
    public void A_table_that_cannot_be_used_is_refused(string table, string sentence)
    {
        using var folder = Images(2, "train/{0}.png").With("train.csv", table);
        Assert.Contains(sentence, Refused(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Test_images_are_those_of_the_table_else_of_the_sample_else_of_the_folder()
    {
        using var folder = Images(2, "train_images/{0}.png").With("train.csv", "image_id,label\n0,4\n1,9\n")
            .With("test_images/7.png").With("test_images/8.png").With("test_images/9.png");
        Assert.Equal(["7.png", "8.png", "9.png"], DataSetReader.Read(folder.Root).Test.Select(s => s.ImagePath));
        folder.With("sample_submission.csv", "image_id,label\n9,4\n7,4\n");
        Assert.Equal([("9.png", "9"), ("7.png", "7")], DataSetReader.Read(folder.Root).Test.Select(s => (s.ImagePath, s.SubmissionId)));
        folder.With("test.csv", "image_id\n8\n9\n7\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal([("8.png", "8"), ("9.png", "9"), ("7.png", "7")], data.Test.Select(s => (s.ImagePath, s.SubmissionId)));
        // The sample orders the rows of the submission.
        Assert.Equal([1, 2], data.Submission!.Rows);
        File.Delete(folder["sample_submission.csv"]);
        Assert.Equal(["image_id", "label"], DataSetReader.Read(folder.Root).Submission!.Header);
    }

    private static string Refused(TemporaryFolder folder) => Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message;

    private static TemporaryFolder Images(int count, string path)
    {
        var folder = new TemporaryFolder();
        for (var i = 0; i < count; i++)
        {
            folder.With(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, i));
        }

        return folder;
    }
}

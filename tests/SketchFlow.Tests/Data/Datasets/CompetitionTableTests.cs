using System.Text;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Tables as spreadsheets of other countries and other programs write them.</summary>
public class CompetitionTableTests
{
    private const string Usual = "class_name,image_path,target\ncafé,café/1.png,0\nthé,thé/1.png,1\n";

    [Theory]
    [InlineData("windows-1252", "café", "thé")]
    [InlineData("cp949", "고양이", "강아지")]
    [InlineData("shift_jis", "ねこ", "いぬ")]
    [InlineData("gb18030", "猫咪和小狗", "森林里的大象")]
    [InlineData("windows-1251", "кошка", "собака")]
    public void A_table_that_is_not_UTF_8_is_refused_with_its_encoding_and_read_in_it(string encoding, string first, string second)
    {
        using var folder = Competition($"class_name,image_path,target\n{first},{first}/1.png,0\n{second},{second}/1.png,1\n", TextEncodings.Find(encoding));
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains($"train.csv is not UTF-8, but perhaps {encoding};", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"--set data.encoding={encoding} ", refusal.Message, StringComparison.Ordinal);

        var data = DataSetReader.Read(folder.Root, new DataSetOptions { Encoding = encoding });
        Assert.Equal([first, second], data.Classes);
        Assert.Equal([$"{first}/1.png", $"{second}/1.png"], data.Train.Select(s => s.ImagePath));
    }

    [Fact]
    public void A_table_that_is_not_UTF_8_next_to_class_folders_is_not_taken_for_a_foreign_one()
    {
        using var folder = Competition("class_name,image_path,target\nthé,a/1.png,0\nb,b/1.png,1\n", TextEncodings.Find("windows-1252"));
        folder.With("train/a/1.png").With("train/b/1.png");
        Assert.Contains("is not UTF-8", Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_encoding_is_refused_and_a_byte_order_mark_goes_before_it()
    {
        using var folder = Competition(Usual, TextEncodings.Find("windows-1252"));
        var japanese = new DataSetOptions { Encoding = "shift_jis" };
        Assert.Contains(
            "is not text in shift_jis, which data.encoding says",
            Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root, japanese)).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => DataSetReader.Read(folder.Root, new DataSetOptions { Encoding = "klingon" }));
        foreach (var marked in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            File.WriteAllText(folder["train.csv"], Usual, marked);
            Assert.Equal(["café", "thé"], DataSetReader.Read(folder.Root, japanese).Classes);
        }
    }

    [Fact]
    public void UTF_16_without_a_byte_order_mark_is_named_and_can_be_read()
    {
        using var folder = Competition(Usual, new UnicodeEncoding(bigEndian: false, byteOrderMark: false));
        folder.With("train/a/1.png");
        Assert.Contains("perhaps utf-16;", Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
        Assert.Equal(["café", "thé"], DataSetReader.Read(folder.Root, new DataSetOptions { Encoding = "utf-16" }).Classes);
    }

    [Theory]
    [InlineData("class_name;image_path;target\na;a/1.png;0\nb;b/1.png;1\n")]
    [InlineData("class_name\timage_path\ttarget\r\na\ta/1.png\t0\r\nb\tb/1.png\t1\r\n")]
    [InlineData("class_name|image_path|target\na|a/1.png|0\nb|b/1.png|1\n")]
    [InlineData("sep=;\nclass_name;image_path;target\na;a/1.png;0\nb;b/1.png;1\n")]
    [InlineData("\"class_name\";\"image_path\";\"target\"\n\"a\";\"a/1.png\";\"0,0\"\n\"b\";\"b/1.png\";\"1,0\"\n")]
    [InlineData("CLASS_NAME , image_path, Target\na, a/1.png , 0.0\nb,b/1.png,1.\n")]
    [InlineData("class_name,image_path,target\na,a/1.png,+0\nb,b/1.png,1.000\n")]
    [InlineData("a;b,class_name,image_path,target\n1;2,a,a/1.png,0\n1;2,b,b/1.png,1\n")]
    public void Separators_and_whole_numbers_are_read_as_meant(string table)
    {
        using var folder = Competition(table, TextEncodings.Utf8);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal([("a/1.png", 0), ("b/1.png", 1)], data.Train.Select(s => (s.ImagePath, s.Target!.Value)));
        Assert.Equal(["a", "b"], data.Classes);
    }

    [Theory]
    [InlineData("3.5", "target \"3.5\" is not a whole number")]
    [InlineData("1,0", "target \"1\" is not", true)]
    [InlineData("1e3", "target \"1e3\" is not a whole number")]
    [InlineData("NaN", "target \"NaN\" is not a whole number")]
    [InlineData("99999999999999999999999999999999", "is not a whole number")]
    [InlineData("99999999999", "is not a class number below 100000")]
    [InlineData("-0.0", null)]
    public void Other_numbers_are_rejections(string target, string? fault, bool isTwoFields = false)
    {
        using var folder = Competition($"class_name,image_path,target\na,a/1.png,0\na,a/2.png,{target}\nb,b/1.png,1\n", TextEncodings.Utf8);
        var row = DataSetReader.Read(folder.Root).Train[1];
        // Without quotes, a decimal comma is a separator of a table with commas.
        Assert.True(isTwoFields ? row.Fault is not null : fault is null ? row.Fault is null : row.Fault!.Contains(fault, StringComparison.Ordinal), row.Fault);
    }

    [Theory]
    [InlineData("./train/a/1.png")]
    [InlineData("././a/1.png")]
    [InlineData(".\\train\\a\\1.png")]
    [InlineData("train\\a\\1.png")]
    [InlineData("a/./b/../1.png")]
    [InlineData("../train/a/1.png")]
    [InlineData("{root}/train/a/1.png")]
    [InlineData("{name}/train/a/1.png")]
    [InlineData("./{name}/train/a/1.png")]
    public void Paths_are_understood_in_any_of_their_forms(string path)
    {
        using var folder = new TemporaryFolder();
        folder.With("train/a/1.png").With(
            "train.csv",
            $"class_name,image_path,target\na,{path.Replace("{root}", folder.Root, StringComparison.Ordinal)
                .Replace("{name}", Path.GetFileName(folder.Root), StringComparison.Ordinal)},0\nb,b/1.png,1\n");
        var row = DataSetReader.Read(folder.Root).Train[0];
        Assert.Equal((null, folder["train/a/1.png"]), (row.Fault, row.File));
    }

    [Theory]
    [InlineData("{root}/../x.png", "the image path leaves train/")]
    [InlineData("{root}/test/x.png", "the image path leaves train/")]
    [InlineData("{root}x/train/x.png", "the image path is absolute, and paths are relative to train/")]
    [InlineData("./../../x.png", "the image path leaves train/")]
    [InlineData("{name}/train/../../../x.png", "the image path leaves train/")]
    [InlineData("//server/x.png", "the image path is absolute, and paths are relative to train/")]
    public void Paths_out_of_the_folder_stay_refused(string path, string fault)
    {
        using var folder = new TemporaryFolder().WithFolder("train");
        folder.With(
            "train.csv",
            $"class_name,image_path,target\na,{path.Replace("{root}", folder.Root, StringComparison.Ordinal)
                .Replace("{name}", Path.GetFileName(folder.Root), StringComparison.Ordinal)},0\nb,b/1.png,1\n");
        Assert.Equal(fault, DataSetReader.Read(folder.Root).Train[0].Fault);
    }

    [Fact]
    public void Names_and_paths_in_either_Unicode_form_are_the_same()
    {
        using var folder = new TemporaryFolder().With("train/e\u0301/1.png").With("train/é/2.png").With(
            "train.csv", "class_name,image_path,target\né,é/1.png,0\ne\u0301,e\u0301/2.png,0\nb,b/1.png,1\ne\u0301,e\u0301/1.png,0\n");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["é", "b"], data.Classes);
        Assert.Equal([0, 0, 1, 0], data.Train.Select(s => s.Target!.Value));
        Assert.True(File.Exists(data.Train[0].File) && File.Exists(data.Train[1].File));
    }

    [Fact]
    public void Images_and_folders_that_no_table_names_are_counted()
    {
        using var folder = Competition("class_name,image_path,target\na,a/1.png,0\nb,b/1.png,x\n", TextEncodings.Utf8)
            .With("train/a/1.png").With("train/b/1.png").With("train/a/2.png").With("train/c/3.png").With("train/a/notes.txt")
            .With("val/a/1.png").With("README.md");
        Assert.Equal(
            "2 other entries (README.md, val), 2 images that no table names (train/a/2.png, train/c/3.png), 1 file that is no image (train/a/notes.txt)",
            DataSetReader.Read(folder.Root).NotUsed);
    }

    [Fact]
    public void A_field_of_megabytes_is_refused_and_not_kept()
    {
        using var folder = Competition($"class_name,image_path,target\na,{new string('x', 3 << 20)},0\n", TextEncodings.Utf8);
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains("has a field of more than 1048576 characters", refusal.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 40)]
    public void Any_bytes_are_a_data_set_or_one_sentence(byte[] bytes)
    {
        using var folder = Competition("", TextEncodings.Utf8);
        foreach (var start in (string[])["", "class_name,image_path,target\n", "sep=", "\uFEFFclass_name;image_path;target\n"])
        {
            File.WriteAllBytes(folder["train.csv"], [.. Encoding.UTF8.GetBytes(start), .. bytes]);
            try
            {
                Assert.NotEmpty(DataSetReader.Read(folder.Root).Train);
            }
            catch (RefusalException e)
            {
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("Exception", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static TemporaryFolder Competition(string train, Encoding encoding)
    {
        var folder = new TemporaryFolder().WithFolder("train");
        File.WriteAllText(folder["train.csv"], train, encoding);
        return folder;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Data.Datasets;

/// <summary>Nested folders of classes, splits of other names, and files that are no images.</summary>
public sealed partial class FoldersLayoutTests
{
    private static readonly byte[] _png = PublishedImages.Drawings(1)[0];

    [Theory]
    [InlineData("valid")]
    [InlineData("validation")]
    [InlineData("dev")]
    [InlineData("Val")]
    public void A_validation_split_may_have_any_of_its_names(string split)
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png").With($"{split}/b/2.png").With($"{split}/a/3.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal([(0L, "a/3.png", 0), (1L, "b/2.png", 1)], data.Validation.Select(s => (s.Id, s.ImagePath, s.Target!.Value)));
        Assert.Equal(("", 2), (data.NotUsed, data.Train.Length));
    }

    [Fact]
    public void Two_validation_folders_are_both_used_and_their_paths_differ()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("val/a/1.png").With("dev/a/1.png").With("testing/a/1.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal([(0L, "a/1.png"), (1L, "dev/a/1.png")], data.Validation.Select(s => (s.Id, s.ImagePath)));
        Assert.Equal(["a/1.png"], data.Test.Select(s => s.ImagePath));
    }

    [Fact]
    public void Subfolders_belong_to_the_class_above_them()
    {
        using var folder = new TemporaryFolder()
            .With("train/cat/1.png").With("train/dog/set1/2.png").With("train/dog/set1/old/3.png").With("train/dog/4.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["cat", "dog"], data.Classes);
        Assert.Equal(
            [("cat/1.png", 0), ("dog/4.png", 1), ("dog/set1/2.png", 1), ("dog/set1/old/3.png", 1)], data.Train.Select(s => (s.ImagePath, s.Target!.Value)));
        Assert.Empty(data.NotUsed);
    }

    [Fact]
    public void Bytes_decide_where_a_name_does_not_tell()
    {
        using var folder = new TemporaryFolder().With("train/a/1.jfif").With("train/a/2.JPE").With("train/a/notes.txt", "BM, but no bitmap at all")
            .With("train/a/3.heic", "\0\0\0\u0018ftypheic and more of it").With("train/b/Thumbs.db", "a").With("train/b/1.png");
        File.WriteAllBytes(folder["train/b/img0001"], _png);
        File.WriteAllBytes(folder["train/b/download.php"], _png);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["a/1.jfif", "a/2.JPE", "b/1.png", "b/download.php", "b/img0001"], data.Train.Select(s => s.ImagePath));
        Assert.Equal("3 files that are no images (train/a/3.heic, train/a/notes.txt, train/b/Thumbs.db)", data.NotUsed);
    }

    [Fact]
    public void Everything_else_is_counted_and_named()
    {
        using var folder = new TemporaryFolder().With("train/1.png").With("train/2.png").With("train/a/1.png").With("train/b/1.png").WithFolder("train/empty")
            .With("train/only-texts/a.txt").With("train/._1.png").With("val/3.png").With("labels.csv", "id,label\n1,a\n").With("extra/1.png").With(".git/x");
        var text = DataSetReader.Read(folder.Root).NotUsed;
        Assert.All(
            (string[])["2 hidden entries (train/._1.png, .git)", "3 images outside class folders (train/1.png, train/2.png, val/3.png)",
                "2 folders without images (train/empty, train/only-texts)", "1 file that is no image (train/only-texts/a.txt)",
                "2 other entries (extra, labels.csv)"],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Classes_next_to_a_foreign_table_are_read_from_the_folders()
    {
        using var folder = new TemporaryFolder().With("train.csv", "id,label\n1,cat\n").With("train/cat/1.png").With("train/dog/2.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal((DataSetLayout.Folders, 2, "1 other entry (train.csv)"), (data.Layout, data.Train.Length, data.NotUsed));
    }

    [Theory]
    [InlineData("class_name,target\ncat,0\n", "has no column image_path")]
    [InlineData("class_name;target\ncat;0\n", "has no column image_path")]
    public void A_table_of_the_competition_with_a_missing_column_is_not_taken_for_a_foreign_one(string table, string sentence)
    {
        using var folder = new TemporaryFolder().With("train.csv", table).With("train/cat/1.png").With("train/dog/2.png");
        Assert.Contains(sentence, Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_test_split_that_is_no_class_holds_unlabelled_images()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png").With("test/unknown/1.png").With("test/b/2.png").With("test/0.png");
        Assert.Equal(
            [(0L, "0.png", (int?)null), (1L, "b/2.png", 1), (2L, "unknown/1.png", null)],
            DataSetReader.Read(folder.Root).Test.Select(s => (s.Id, s.ImagePath, s.Target)));
    }

    [Fact]
    public void Composed_and_decomposed_names_are_one_class()
    {
        const string Decomposed = "\u1100\u1169\u110B\u1163\u11BC\u110B\u1175";
        using var folder = new TemporaryFolder().With($"train/{Decomposed}/1.png").With("train/b/1.png").With("val/고양이/2.png").With($"test/{Decomposed}/3.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["b", Decomposed], data.Classes);
        Assert.Equal((1, 1), (data.Validation.Single().Target, data.Test.Single().Target));

        folder.With("train/고양이/4.png");
        data = DataSetReader.Read(folder.Root);
        Assert.Equal(["b", "고양이"], data.Classes);
        Assert.Equal([0, 1, 1], data.Train.Select(s => s.Target!.Value));
        Assert.True(data.WithClassOrder([Decomposed, "b"], "the run") is { Classes: [Decomposed, "b"] } other && other.Train[0].Target == 1);
    }

    [Fact]
    public void Names_in_other_encodings_are_rejections()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png");
        Assert.Equal(0, mkdir([.. Encoding.UTF8.GetBytes(folder["train/caf"]), 0xE9, 0], 0x1FF));
        byte[] name = [.. Encoding.UTF8.GetBytes(folder["train/b/th"]), 0xE9, .. ".png\0"u8];
        Assert.Equal(0, rename([.. Encoding.UTF8.GetBytes(folder["train/b/1.png"]), 0], name));
        folder.With("train/b/2.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["a", "b"], data.Classes);
        Assert.Equal(
            [(0L, "a/1.png", null), (1L, "b/2.png", null), (2L, "b/th\uFFFD.png", "the name of the file is not UTF-8; rename it"),
                (3L, "caf\uFFFD", "the name of the folder is not UTF-8; rename it")],
            data.Train.Select(s => (s.Id, s.ImagePath, s.Fault)));
        Assert.EndsWith("4 train, 2 of them unusable", data.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, rmdir([.. Encoding.UTF8.GetBytes(folder["train/caf"]), 0xE9, 0]));
        Assert.Equal(0, unlink(name));
    }

    [Fact]
    public void Folders_and_files_that_must_not_be_read_are_rejections()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png").With("train/c/1.png").With("train/c/in/2.png");
        File.SetUnixFileMode(folder["train/b"], UnixFileMode.None);
        File.SetUnixFileMode(folder["train/c/in"], UnixFileMode.None);
        DataSet? data = null;
        // The rights of files are checked for each thread: this one gives up root's.
        var thread = new Thread(() =>
        {
            _ = setfsuid(65534);
            data = DataSetReader.Read(folder.Root);
        });
        File.SetUnixFileMode(folder.Root, (UnixFileMode)0x1FF);
        thread.Start();
        thread.Join();
        File.SetUnixFileMode(folder["train/b"], (UnixFileMode)0x1FF);
        File.SetUnixFileMode(folder["train/c/in"], (UnixFileMode)0x1FF);
        const string Fault = "the folder must not be read (no permission)";
        Assert.Equal(["a", "c"], data!.Classes);
        Assert.Equal([("a/1.png", null), ("b", Fault), ("c/1.png", null), ("c/in", Fault)], data.Train.Select(s => (s.ImagePath, s.Fault)));
    }

    [Fact]
    public void Dangling_links_are_rejections_and_circles_end()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png").With("shelf/2.png");
        File.CreateSymbolicLink(folder["train/a/x.png"], "/nowhere.png");
        Directory.CreateSymbolicLink(folder["train/a/again"], folder["train"]);
        Directory.CreateSymbolicLink(folder["train/a/all"], "/");
        Directory.CreateSymbolicLink(folder["train/b/shelf"], folder["shelf"]);
        Directory.CreateSymbolicLink(folder["train/b/shelf2"], folder["shelf"]);
        Directory.CreateSymbolicLink(folder["shelf/back"], folder["shelf"]);
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["a/1.png", "a/x.png", "b/1.png", "b/shelf/2.png"], data.Train.Select(s => s.ImagePath));
        Assert.Equal("no such file", ImageDecoder.Read(new DecodeOptions(), data.Train[1]).Rejection!.Reason);
        Assert.Contains("4 links to folders listed before (train/a/again, train/a/all, train/b/shelf/back, …)", data.NotUsed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_around_all_classes_is_refused_with_the_folder_to_give()
    {
        using var folder = new TemporaryFolder().With("images/cat/1.png").With("images/dog/1.png").With("readme.txt");
        var refusal = Assert.Throws<RefusalException>(() => DataSetReader.Read(folder.Root));
        Assert.Contains($"give {folder["images"]} as the data set", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["cat", "dog"], DataSetReader.Read(folder["images"]).Classes);
    }

    [Fact]
    public void Output_below_the_data_and_folders_of_tools_are_no_classes()
    {
        using var folder = new TemporaryFolder().With("a/1.png").With("b/1.png").With("artifacts/datasets.json").With("artifacts/reports/curves.png")
            .With("old/runs/r/curves.png").WithFolder("old/logits").With("a/@eaDir/1.png/SYNOPHOTO_THUMB.jpg").With("__MACOSX/a/2.png");
        var data = DataSetReader.Read(folder.Root);
        Assert.Equal(["a/1.png", "b/1.png"], data.Train.Select(s => s.ImagePath));
        Assert.Contains("2 output folders (", data.NotUsed, StringComparison.Ordinal);
        Assert.Contains("2 hidden entries (", data.NotUsed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_among_the_images_is_left_out_and_never_opened()
    {
        using var folder = new TemporaryFolder().With("train/a/1.png").With("train/b/1.png");
        NamedPipe.Create(folder["train/a/pipe"]);
        Assert.Equal("1 file that is no image (train/a/pipe)", DataSetReader.Read(folder.Root).NotUsed);
    }

    [Fact]
    public void A_name_of_83_letters_of_three_bytes_is_an_image()
    {
        using var folder = new TemporaryFolder().With($"a/{new string('가', 83)}.png").With("b/1.png");
        Assert.Equal(2, DataSetReader.Read(folder.Root).Train.Length);
    }

    [Property(MaxTest = 40)]
    public void Every_file_is_a_row_or_is_counted(byte[] choices)
    {
        string[] names = ["1.png", "2.jpeg", "notes.txt", "in/3.png", "in/deep/4.gif", ".hidden", "5", "sub/6.txt"];
        using var folder = new TemporaryFolder().With("train/a/0.png").With("train/b/0.png");
        string[] splits = ["train", "val", "test"];
        string[] files = [.. choices.Select((c, i) => $"{splits[i % 3]}/{"ab"[c % 2]}/{names[c / 2 % names.Length]}").Distinct(StringComparer.Ordinal)];
        Array.ForEach(files, f => folder.With(f));
        var data = DataSetReader.Read(folder.Root);
        var rows = data.Train.Length + data.Validation.Length + data.Test.Length;
        var counted = data.NotUsed.Split("), ").Where(p => !p.Contains("folder", StringComparison.Ordinal))
            .Sum(p => int.TryParse(p.Split(' ')[0], out var n) ? n : 0);
        Assert.Equal(files.Length + 2, rows + counted);
    }

    [LibraryImport("libc")]
    private static partial int mkdir(byte[] path, uint mode);

    [LibraryImport("libc")]
    private static partial int rmdir(byte[] path);

    [LibraryImport("libc")]
    private static partial int unlink(byte[] path);

    [LibraryImport("libc")]
    private static partial int rename(byte[] from, byte[] to);

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);
}
